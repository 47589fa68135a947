package io.troupe.broker.wire;

import static io.troupe.broker.wire.Bytes.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * One connection to the broker as bytes: no thread, no behaviour of its own, nothing acknowledged
 * unless the test says so. The steps ({@link #subscribe}, {@link #publish}, {@link #complete}) wait
 * for their answer and keep PUBLISH packets that come meanwhile for {@link #receive}.
 */
final class WireClient implements AutoCloseable {
  /** How long an expected packet may take; a failing test waits that long, no passing one does. */
  static final Duration PATIENCE = Duration.ofSeconds(60);

  /** How long nothing must come where no later packet could prove that nothing will. */
  static final Duration SILENCE = Duration.ofMillis(250);

  final Version version;
  final String clientId;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final Deque<Received> stash = new ArrayDeque<>();
  private int lastPacketId;
  private Received.Connack connack;
  private Duration patience = PATIENCE;

  WireClient(int port, Version version, String clientId) {
    this(WireTransport.TCP, WireTransport.TCP.open(port, null), version, clientId);
  }

  /** Over a socket that the transport has opened. */
  WireClient(WireTransport transport, Socket socket, Version version, String clientId) {
    this.version = version;
    this.clientId = clientId;
    this.socket = socket;
    try {
      socket.setSoTimeout((int) patience.toMillis());
      InputStream input = new BufferedInputStream(socket.getInputStream(), 65536);
      if (transport.isWebSocket()) {
        var streams = new WebSocketStreams(input, socket.getOutputStream());
        in = new DataInputStream(new BufferedInputStream(streams.input()));
        out = streams.output();
      } else {
        in = new DataInputStream(input);
        out = socket.getOutputStream();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits longer for whatever must come. */
  WireClient patience(Duration longer) {
    patience = longer;
    return this;
  }

  /** Writes bytes as they are. A connection the broker closed already is no error here. */
  WireClient send(byte[]... packets) {
    try {
      for (byte[] packet : packets) {
        out.write(packet);
      }
    } catch (SocketException e) {
      // The test's expectation tells whether the broker should have closed.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Sends several packets in one write. */
  WireClient sendTogether(byte[]... packets) {
    var all = new Bytes();
    Arrays.stream(packets).forEach(all::raw);
    return send(all.toArray());
  }

  WireClient send(PublishPacket packet) {
    return send(packet.toArray(version));
  }

  /** The next packet, which must come in time. */
  Received next() {
    if (!stash.isEmpty()) {
      return stash.poll();
    }
    Received received = read(patience);
    if (received == null) {
      fail("the broker closed the connection");
    }
    return received;
  }

  /** The next packet of this type; PUBLISH packets before it are kept for {@link #receive}. */
  Received await(int type) {
    while (true) {
      Received received = read(patience);
      if (received == null) {
        fail("the broker closed the connection");
      }
      if (received.type() == type) {
        return received;
      }
      assertEquals(Received.PUBLISH, received.type(), received::toString);
      stash.add(received);
    }
  }

  /** Whether CONNACK comes and says yes, rather than no or the end of the connection. */
  boolean isAccepted() {
    Received received = read(patience);
    return received != null && received.connack().code() == 0;
  }

  Received.Connack expectConnack(int code) {
    connack = next().connack();
    assertEquals(Integer.toHexString(code), Integer.toHexString(connack.code()));
    return connack;
  }

  /** The CONNACK this connection got. */
  Received.Connack connack() {
    return connack;
  }

  /** The connection ends without another packet. */
  void expectClosed() {
    if (!stash.isEmpty()) {
      fail("unexpected " + stash);
    }
    Received received = read(patience);
    if (received != null) {
      fail("expected the close, got " + received);
    }
  }

  /** A 5.0 client gets DISCONNECT with one of these codes first, a 3.x client only the close. */
  void expectClosed(Integer... codes) {
    if (version.is5()) {
      int code = next().disconnect().code();
      assertTrue(List.of(codes).contains(code), "DISCONNECT 0x" + Integer.toHexString(code));
    }
    expectClosed();
  }

  /** Nothing has come and nothing comes for a moment; the connection stays usable. */
  void expectSilence() {
    ping();
    if (!stash.isEmpty()) {
      fail("unexpected " + stash.peek());
    }
    if (hasMore(SILENCE)) {
      fail("unexpected " + read(patience));
    }
  }

  /** Whether a packet, or the end of the connection, comes within this time. */
  boolean hasMore(Duration patience) {
    if (!stash.isEmpty()) {
      return true;
    }
    try {
      socket.setSoTimeout((int) patience.toMillis());
      in.mark(1);
      int first = in.read();
      if (first >= 0) {
        in.reset();
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits until everything sent was processed or has ended the connection; a CONNECT without an
   * answer from inside the broker ends it after 10 seconds.
   */
  void settle() {
    send(bytes(0xC0, 0).toArray());
    stash.clear();
    Received received;
    do {
      received = read(PATIENCE);
    } while (received != null && received.type() != Received.PINGRESP);
  }

  /** Everything sent so far has been processed by the connection. */
  void ping() {
    send(bytes(0xC0, 0).toArray());
    assertEquals(0, await(Received.PINGRESP).body().length);
  }

  int nextPacketId() {
    return ++lastPacketId;
  }

  /** Subscribes and returns the one code granted. */
  int subscribe(String filter, int options) {
    return subscribe(Properties5.none(), filter, options).codes().get(0);
  }

  /** Subscribes to filters given as filter, options, filter, options. */
  Received.Codes subscribe(Properties5 properties, Object... filtersAndOptions) {
    int packetId = nextPacketId();
    send(subscribePacket(version, packetId, properties, filtersAndOptions));
    var suback = await(Received.SUBACK).codes(Received.SUBACK);
    assertEquals(packetId, suback.packetId());
    return suback;
  }

  static byte[] subscribePacket(
      Version version, int packetId, Properties5 properties, Object... filtersAndOptions) {
    var body = new Bytes().u16(packetId);
    if (version.is5()) {
      body.raw(properties.toArray());
    }
    for (int i = 0; i < filtersAndOptions.length; i += 2) {
      body.string((String) filtersAndOptions[i]).u8((Integer) filtersAndOptions[i + 1]);
    }
    return body.packet(0x82);
  }

  static byte[] unsubscribePacket(Version version, int packetId, String... filters) {
    var body = new Bytes().u16(packetId);
    if (version.is5()) {
      body.u8(0);
    }
    Arrays.stream(filters).forEach(body::string);
    return body.packet(0xA2);
  }

  Received.Codes unsubscribe(String... filters) {
    int packetId = nextPacketId();
    send(unsubscribePacket(version, packetId, filters));
    var unsuback = await(Received.UNSUBACK).codes(Received.UNSUBACK);
    assertEquals(packetId, unsuback.packetId());
    return unsuback;
  }

  /** Publishes to the end of the QoS handshake, choosing the packet identifier. */
  Received.Ack publish(PublishPacket packet) {
    if (packet.qos() == 0) {
      send(packet);
      return null;
    }
    packet.qos(packet.qos(), nextPacketId());
    send(packet);
    if (packet.qos() == 1) {
      return expectAck(Received.PUBACK, packet.packetId());
    }
    var pubrec = expectAck(Received.PUBREC, packet.packetId());
    if (pubrec.code() < 0x80) {
      send(ackPacket(Received.PUBREL, packet.packetId()));
      assertEquals(0, expectAck(Received.PUBCOMP, packet.packetId()).code());
    }
    return pubrec;
  }

  Received.Ack expectAck(int type, int packetId) {
    var ack = await(type).ack(type);
    assertEquals(packetId, ack.packetId());
    return ack;
  }

  /** PUBACK, PUBREC, PUBREL or PUBCOMP without reason code. */
  static byte[] ackPacket(int type, int packetId) {
    return new Bytes().u16(packetId).packet(type << 4 | (type == Received.PUBREL ? 2 : 0));
  }

  /** The same with a reason code, for 5.0. */
  static byte[] ackPacket(int type, int packetId, int code) {
    return new Bytes().u16(packetId).u8(code).packet(type << 4 | (type == Received.PUBREL ? 2 : 0));
  }

  /** The next PUBLISH, not acknowledged. */
  Received.Publish receive() {
    return next().publish();
  }

  /** The next PUBLISH with its handshake completed; fails unless it has this payload. */
  Received.Publish receive(String payload) {
    var publish = receive();
    assertEquals(payload, publish.payload());
    complete(publish);
    return publish;
  }

  /** Acknowledges a PUBLISH as its QoS demands. */
  void complete(Received.Publish publish) {
    if (publish.qos() == 1) {
      send(ackPacket(Received.PUBACK, publish.packetId()));
    } else if (publish.qos() == 2) {
      send(ackPacket(Received.PUBREC, publish.packetId()));
      expectAck(Received.PUBREL, publish.packetId());
      send(ackPacket(Received.PUBCOMP, publish.packetId()));
    }
  }

  /** The payloads of the next messages, each acknowledged. */
  List<String> receive(int count) {
    var payloads = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      var publish = receive();
      complete(publish);
      payloads.add(publish.payload());
    }
    return payloads;
  }

  /** DISCONNECT as a well-behaved client does it, then waits for the broker's close. */
  void disconnect() {
    send(bytes(0xE0, 0).toArray());
    expectEnd();
  }

  void disconnect(int code, Properties5 properties) {
    send(new Bytes().u8(code).raw(properties.toArray()).packet(0xE0));
    expectEnd();
  }

  /** Reads to the end, whatever still comes. */
  void expectEnd() {
    while (read(patience) != null) {
      // Packets under way when the connection ended do not matter.
    }
    close();
  }

  /** Ends the connection as a lost network does: no DISCONNECT. */
  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next packet from the socket; null if the connection was closed. */
  private Received read(Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    try {
      socket.setSoTimeout((int) within.toMillis());
      int firstByte = in.readUnsignedByte();
      int length = 0;
      int digit;
      int shift = 0;
      do {
        digit = in.readUnsignedByte();
        length |= (digit & 0x7F) << shift;
        shift += 7;
      } while ((digit & 0x80) != 0);
      return new Received(version, firstByte, in.readNBytes(length));
    } catch (SocketTimeoutException e) {
      long waited = Duration.ofNanos(System.nanoTime() - deadline).plus(within).toMillis();
      throw new AssertionError("nothing came for " + waited + " ms", e);
    } catch (EOFException | SocketException e) {
      return null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
