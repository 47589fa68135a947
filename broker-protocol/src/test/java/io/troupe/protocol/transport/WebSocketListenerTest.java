package io.troupe.protocol.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.codec.PacketDecoder;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.conformance.Statement;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT over WebSocket (chapter 6), plain and secure. */
@Timeout(300)
class WebSocketListenerTest {
  private static final ProtocolVersion V5 = ProtocolVersion.V5;
  private static final int FIN = 0x80;

  @TempDir static Path directory;

  private static ListenerSettings settings(String... origins) {
    return settings(Duration.ofMinutes(1), origins);
  }

  private static ListenerSettings settings(Duration connectTimeLimit, String... origins) {
    return new ListenerSettings(
        "ws",
        Transport.WS,
        "127.0.0.1",
        0,
        null,
        new WebSocketSettings("/mqtt", List.of(origins), 100_000),
        DecoderSettings.DEFAULT,
        100,
        100,
        connectTimeLimit,
        32 * 1024,
        64 * 1024);
  }

  private static byte[] bytes(Packet... packets) {
    ByteBuf out = Unpooled.buffer();
    for (Packet packet : packets) {
      PacketEncoder.encode(packet, V5, out);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** The JDK's client, as a browser would behave. */
  private static final class Browser implements WebSocket.Listener {
    final BlockingQueue<Packet> packets = new LinkedBlockingQueue<>();
    final BlockingQueue<String> control = new LinkedBlockingQueue<>();
    private final PacketDecoder decoder = PacketDecoder.forClient(V5, 1 << 20);
    private final ByteBuf received = Unpooled.buffer();

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      received.writeBytes(data);
      try {
        for (Packet p = decoder.decode(received); p != null; p = decoder.decode(received)) {
          packets.add(p);
        }
      } catch (Exception e) {
        control.add(e.toString());
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer message) {
      control.add("pong " + StandardCharsets.UTF_8.decode(message));
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
      control.add("close " + status);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      control.add("error");
    }

    static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
      T next = queue.poll(60, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing within ten seconds");
      }
      return next;
    }
  }

  private static WebSocket open(
      ListenerFixture fixture, HttpClient client, String scheme, String protocol, Browser browser) {
    return client
        .newWebSocketBuilder()
        .subprotocols("other", protocol)
        .buildAsync(URI.create(scheme + "://localhost:" + fixture.port() + "/mqtt"), browser)
        .join();
  }

  @ParameterizedTest
  @CsvSource({"mqtt", "mqttv3.1"})
  @Statement(
      v5 = {"MQTT-6.0.0-3", "MQTT-6.0.0-4"},
      v311 = {"MQTT-6.0.0-3", "MQTT-6.0.0-4"})
  void connectsWithTheSubProtocolOffered(String protocol) throws Exception {
    try (var fixture = new ListenerFixture(settings())) {
      Browser browser = new Browser();
      WebSocket socket = open(fixture, HttpClient.newHttpClient(), "ws", protocol, browser);

      socket.sendBinary(ByteBuffer.wrap(bytes(Connect.of(V5, "c"), Pingreq.INSTANCE)), true);

      assertInstanceOf(Connack.class, Browser.next(browser.packets));
      assertEquals(Pingresp.INSTANCE, Browser.next(browser.packets));
      assertEquals(protocol, socket.getSubprotocol());
      assertEquals(Transport.WS, fixture.handler().connection.transport());
    }
  }

  @Test
  void connectsOverSecureWebSocket() throws Exception {
    TestCertificates server = TestCertificates.make(directory, "localhost");
    ListenerSettings secure =
        ListenerSettings.of(
            "wss",
            Transport.WSS,
            "127.0.0.1",
            0,
            TlsSettings.of(server.certificate(), server.key()));
    try (var fixture = new ListenerFixture(secure)) {
      Browser browser = new Browser();
      HttpClient client = HttpClient.newBuilder().sslContext(server.clientContext()).build();
      WebSocket socket = open(fixture, client, "wss", "mqtt", browser);

      socket.sendBinary(
          ByteBuffer.wrap(bytes(Connect.of(V5, "c"), Disconnect.of(ReasonCode.SUCCESS))), true);

      assertInstanceOf(Connack.class, Browser.next(browser.packets));
      assertEquals("close 1000", Browser.next(browser.control));
    }
  }

  @Test
  void answersPings() throws Exception {
    try (var fixture = new ListenerFixture(settings())) {
      Browser browser = new Browser();
      WebSocket socket = open(fixture, HttpClient.newHttpClient(), "ws", "mqtt", browser);

      socket.sendPing(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));

      assertEquals("pong hello", Browser.next(browser.control));
    }
  }

  @Statement(v5 = "MQTT-6.0.0-1", v311 = "MQTT-6.0.0-1")
  @Test
  void closesOnATextFrame() throws Exception {
    try (var fixture = new ListenerFixture(settings())) {
      Browser browser = new Browser();
      WebSocket socket = open(fixture, HttpClient.newHttpClient(), "ws", "mqtt", browser);
      RecordingHandler handler = fixture.handler();

      socket.sendText("hello", true);

      assertEquals("close 1003", Browser.next(browser.control));
      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  @Test
  void closesWhenTheClientDoes() throws Exception {
    try (var fixture = new ListenerFixture(settings())) {
      Browser browser = new Browser();
      WebSocket socket = open(fixture, HttpClient.newHttpClient(), "ws", "mqtt", browser);
      RecordingHandler handler = fixture.handler();

      socket.sendClose(WebSocket.NORMAL_CLOSURE, "done").join();

      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  /** A client that speaks WebSocket by hand, to do what libraries do not. */
  private static ListenerFixture.Client raw(ListenerFixture fixture) throws IOException {
    var client =
        new ListenerFixture.Client(new Socket(InetAddress.getLoopbackAddress(), fixture.port()));
    client.send(request("/mqtt", "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Version: 13\r\n"));
    assertTrue(head(client).startsWith("HTTP/1.1 101"));
    return client;
  }

  private static byte[] request(String path, String headers) {
    return ("GET "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + headers
            + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String head(ListenerFixture.Client client) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int b = client.socket.getInputStream().read();
      if (b < 0) {
        break;
      }
      head.append((char) b);
    }
    return head.toString();
  }

  /** A masked frame; the mask is 0, which is legal. */
  private static byte[] frame(int first, byte[] payload) {
    ByteBuf out = Unpooled.buffer().writeByte(first);
    if (payload.length < 126) {
      out.writeByte(0x80 | payload.length);
    } else {
      out.writeByte(0x80 | 126).writeShort(payload.length);
    }
    out.writeInt(0).writeBytes(payload);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  @Test
  void noticesThatAClientHasGone() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = raw(fixture)) {
      RecordingHandler handler = fixture.handler();

      client.hangUp();

      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  @Statement(v5 = "MQTT-6.0.0-2", v311 = "MQTT-6.0.0-2")
  @Test
  void readsPacketsAcrossFrames() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = raw(fixture)) {
      byte[] stream = bytes(Connect.of(V5, "c"), Pingreq.INSTANCE, Pingreq.INSTANCE);

      for (byte b : stream) {
        client.send(frame(FIN | 2, new byte[] {b}));
      }

      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      assertEquals(Pingreq.INSTANCE, handler.next());
      assertEquals(Pingreq.INSTANCE, handler.next());
    }
  }

  @Test
  void readsAFragmentedMessageWithAPingInBetween() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = raw(fixture)) {
      byte[] connect = bytes(Connect.of(V5, "c"));
      byte[] rest = Arrays.copyOfRange(connect, 5, connect.length);

      client.send(frame(2, Arrays.copyOf(connect, 5)));
      client.send(frame(FIN | 9, new byte[0]));
      client.send(frame(0, rest));
      client.send(frame(FIN, bytes(Pingreq.INSTANCE)));

      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());
      assertEquals(Pingreq.INSTANCE, handler.next());
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "an unmasked frame, 82 02 C0 00",
    "a reserved bit, C2 82 00 00 00 00 C0 00",
    "a reserved opcode, 83 82 00 00 00 00 C0 00",
    "a continuation of nothing, 80 82 00 00 00 00 C0 00",
    "a fragmented ping, 09 80 00 00 00 00",
    "a ping of more than 125 bytes, 89 FE 00 7E 00 00 00 00",
    "a frame above the limit, 82 FF 00 00 00 00 00 10 00 00 00 00 00 00",
    "a negative length, 82 FF FF FF FF FF FF FF FF FF 00 00 00 00",
  })
  void closesOnAnIllegalFrame(String what, String hex) throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = raw(fixture)) {
      RecordingHandler handler = fixture.handler();
      String[] octets = hex.split(" ");
      byte[] bytes = new byte[octets.length];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) Integer.parseInt(octets[i], 16);
      }

      client.send(bytes);

      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  /** Frames are gathered whole, so that the small limit before CONNECT needs a guard of its own. */
  @Test
  void cutsOffALargeFrameBeforeConnect() throws Exception {
    WebSocketSettings large = new WebSocketSettings("/mqtt", List.of(), 100_000_000);
    ListenerSettings settings =
        new ListenerSettings(
            "ws",
            Transport.WS,
            "127.0.0.1",
            0,
            null,
            large,
            DecoderSettings.DEFAULT,
            10,
            10,
            Duration.ofMinutes(1),
            32 * 1024,
            64 * 1024);
    try (var fixture = new ListenerFixture(settings);
        var client = raw(fixture)) {
      RecordingHandler handler = fixture.handler();
      ByteBuf header = Unpooled.buffer().writeByte(0x82).writeByte(0xFF).writeLong(90_000_000);
      client.send(Arrays.copyOf(header.array(), 10));

      byte[] piece = new byte[64 * 1024];
      int sent = 0;
      while (handler.events.isEmpty() && sent < 90_000_000) {
        try {
          client.send(piece);
          sent += piece.length;
        } catch (UncheckedIOException e) {
          break; // cut off, as wanted
        }
      }

      assertEquals(RecordingHandler.CLOSED, handler.next());
      assertTrue(sent < 20_000_000, "sent " + sent);
    }
  }

  @ParameterizedTest(name = "{2}: {0}")
  @CsvSource({
    "/other, Sec-WebSocket-Version: 13|Sec-WebSocket-Protocol: mqtt, 404",
    "/mqtt/more, Sec-WebSocket-Version: 13|Sec-WebSocket-Protocol: mqtt, 404",
    "/mqtt, Sec-WebSocket-Version: 8|Sec-WebSocket-Protocol: mqtt, 426",
    "/mqtt, Sec-WebSocket-Protocol: mqtt, 426",
    "/mqtt, Sec-WebSocket-Version: 13, 400",
    "/mqtt, Sec-WebSocket-Version: 13|Sec-WebSocket-Protocol: chat, 400",
    "/mqtt, Sec-WebSocket-Version: 13|Sec-WebSocket-Protocol: mqtt|Origin: https://evil.test, 403",
  })
  void refusesARequestThatIsNotForMqtt(String path, String headers, String status)
      throws Exception {
    try (var fixture = new ListenerFixture(settings("https://app.test"));
        var client = fixture.connect()) {
      client.send(request(path, headers.replace("|", "\r\n") + "\r\n"));

      String answer = new String(client.awaitEnd(), StandardCharsets.US_ASCII);

      assertTrue(answer.startsWith("HTTP/1.1 " + status), answer);
      assertTrue(fixture.nothingCame());
    }
  }

  @Test
  void letsAnAllowedOriginIn() throws Exception {
    try (var fixture = new ListenerFixture(settings("https://app.test"));
        var client = fixture.connect()) {
      client.send(
          request(
              "/mqtt",
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqttv3.1, mqtt\r\n"
                  + "Origin: https://app.test\r\n"));

      String head = head(client);

      assertTrue(head.startsWith("HTTP/1.1 101"), head);
      assertTrue(head.toLowerCase(Locale.ROOT).contains("protocol: mqttv3.1\r\n"), head);
    }
  }

  @Test
  void doesNotAgreeToCompression() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(
          request(
              "/mqtt",
              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n"
                  + "Sec-WebSocket-Extensions: permessage-deflate\r\n"));

      String head = head(client);

      assertTrue(head.startsWith("HTTP/1.1 101"), head);
      assertTrue(!head.contains("deflate"), head);
    }
  }

  @Test
  void refusesEndlessHeaders() throws Exception {
    try (var fixture = new ListenerFixture(settings());
        var client = fixture.connect()) {
      client.send(request("/mqtt", "X: " + "x".repeat(9000) + "\r\n"));

      String answer = new String(client.awaitEnd(), StandardCharsets.US_ASCII);

      assertTrue(answer.isEmpty() || answer.startsWith("HTTP/1.1 4"), answer);
    }
  }

  @Test
  void theTimeLimitCoversTheHandshake() throws Exception {
    try (var fixture = new ListenerFixture(settings(Duration.ofMillis(200)));
        var client =
            fixture.connect("GET /mqtt HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII))) {
      client.awaitEnd();

      assertTrue(fixture.nothingCame());
    }
  }
}
