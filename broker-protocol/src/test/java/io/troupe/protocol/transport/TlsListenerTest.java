package io.troupe.protocol.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.handler.ssl.OpenSsl;
import io.troupe.protocol.codec.DecoderSettings;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.TlsSettings.ClientAuth;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections over TLS, through BoringSSL. */
@Timeout(300)
class TlsListenerTest {
  private static final ProtocolVersion V5 = ProtocolVersion.V5;

  @TempDir static Path directory;
  private static TestCertificates server;
  private static TestCertificates device;

  @BeforeAll
  static void makeCertificates() {
    server = TestCertificates.make(directory, "server");
    device = TestCertificates.make(directory, "device-7");
  }

  private static ListenerSettings settings(TlsSettings tls) {
    return ListenerSettings.of("tls", Transport.TLS, "127.0.0.1", 0, tls);
  }

  private static TlsSettings serverOnly() {
    return TlsSettings.of(server.certificate(), server.key());
  }

  private static TlsSettings withClients(ClientAuth clientAuth) {
    return new TlsSettings(
        server.certificate(), server.key(), null, clientAuth, device.certificate());
  }

  private static ListenerFixture.Client connect(
      ListenerFixture fixture, SSLContext context, String... versions) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), fixture.port());
    if (versions.length > 0) {
      socket.setEnabledProtocols(versions);
    }
    return new ListenerFixture.Client(socket);
  }

  private static List<X509Certificate> peerCertificates(MqttConnection connection)
      throws Exception {
    CompletableFuture<List<X509Certificate>> result = new CompletableFuture<>();
    connection.eventLoop().execute(() -> result.complete(connection.peerCertificates()));
    return result.get(60, TimeUnit.SECONDS);
  }

  @Test
  void theTestsRunOnBoringSsl() {
    assertTrue(OpenSsl.isAvailable(), () -> String.valueOf(OpenSsl.unavailabilityCause()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void speaksTls12And13(String version) throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = connect(fixture, server.clientContext(), version)) {
      client.send(V5, Connect.of(V5, "c"), Pingreq.INSTANCE);

      assertInstanceOf(Connack.class, client.receive(V5));
      assertEquals(Pingresp.INSTANCE, client.receive(V5));
      assertEquals(version, ((SSLSocket) client.socket).getSession().getProtocol());
      assertEquals(List.of(), peerCertificates(fixture.handler().connection));
    }
  }

  @Test
  void refusesOlderVersionsOfTls() throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = connect(fixture, server.clientContext(), "TLSv1.1")) {
      SSLSocket socket = (SSLSocket) client.socket;
      assertThrows(IOException.class, socket::startHandshake);
    }
  }

  @Test
  void endsWithCloseNotifyAfterTheLastPacket() throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = connect(fixture, server.clientContext())) {
      client.send(V5, Connect.of(V5, "c"), Disconnect.of(ReasonCode.SUCCESS));

      assertInstanceOf(Connack.class, client.receive(V5));
      assertEquals(0, client.awaitEnd().length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void noticesThatAClientHasGone(String version) throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = connect(fixture, server.clientContext(), version)) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);
      RecordingHandler handler = fixture.handler();
      assertInstanceOf(Connect.class, handler.next());

      client.hangUp();

      assertEquals(RecordingHandler.CLOSED, handler.next());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"OPTIONAL", "REQUIRED"})
  void exposesTheCertificateOfTheClient(ClientAuth clientAuth) throws Exception {
    try (var fixture = new ListenerFixture(settings(withClients(clientAuth)));
        var client = connect(fixture, server.clientContext(device))) {
      client.send(V5, Connect.of(V5, "c"));
      client.receive(V5);

      List<X509Certificate> chain = peerCertificates(fixture.handler().connection);

      assertEquals("CN=device-7", chain.get(0).getSubjectX500Principal().getName());
    }
  }

  @Test
  void letsClientsWithoutCertificateInWhenItIsOptional() throws Exception {
    try (var fixture = new ListenerFixture(settings(withClients(ClientAuth.OPTIONAL)));
        var client = connect(fixture, server.clientContext())) {
      client.send(V5, Connect.of(V5, "c"));

      assertInstanceOf(Connack.class, client.receive(V5));
      assertEquals(List.of(), peerCertificates(fixture.handler().connection));
    }
  }

  @Test
  void refusesClientsWithoutCertificateWhenItIsRequired() throws Exception {
    try (var fixture = new ListenerFixture(settings(withClients(ClientAuth.REQUIRED)));
        var client = connect(fixture, server.clientContext())) {
      assertThrows(
          IOException.class,
          () -> {
            ((SSLSocket) client.socket).startHandshake();
            client.awaitEnd();
          });
      assertTrue(fixture.nothingCame());
    }
  }

  @Test
  void refusesClientsWithTheCertificateOfAStranger() throws Exception {
    // The same name, or the client would not even show it.
    TestCertificates stranger =
        TestCertificates.make(Files.createDirectory(directory.resolve("stranger")), "device-7");
    try (var fixture = new ListenerFixture(settings(withClients(ClientAuth.OPTIONAL)));
        var client = connect(fixture, server.clientContext(stranger))) {
      assertThrows(
          IOException.class,
          () -> {
            ((SSLSocket) client.socket).startHandshake();
            client.awaitEnd();
          });
      assertTrue(fixture.nothingCame());
    }
  }

  @Test
  void closesAConnectionThatDoesNotSpeakTls() throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = fixture.connect()) {
      client.send(V5, Connect.of(V5, "c"));

      client.awaitEnd();

      assertTrue(fixture.nothingCame());
    }
  }

  /** At once, not after the time that a connection in use is given to end. */
  @Test
  void aClientThatGoesInTheHandshakeLeavesNothingBehind() throws Exception {
    try (var fixture = new ListenerFixture(settings(serverOnly()));
        var client = fixture.connect()) {
      client.send((byte) 0x16, (byte) 3, (byte) 1, (byte) 2, (byte) 0, (byte) 1);
      client.socket.shutdownOutput();

      client.awaitEnd();

      assertTrue(fixture.nothingCame());
    }
  }

  @Test
  void theTimeLimitCoversTheHandshake() throws Exception {
    ListenerSettings quick =
        new ListenerSettings(
            "tls",
            Transport.TLS,
            "127.0.0.1",
            0,
            serverOnly(),
            WebSocketSettings.DEFAULT,
            DecoderSettings.DEFAULT,
            10,
            10,
            Duration.ofMillis(200),
            32 * 1024,
            64 * 1024);
    try (var fixture = new ListenerFixture(quick);
        var client = fixture.connect()) {
      client.awaitEnd();

      assertTrue(fixture.nothingCame());
    }
  }

  @Test
  void newConnectionsSeeAReloadedCertificate() throws Exception {
    Path chain = directory.resolve("live.crt");
    Path key = directory.resolve("live.key");
    Files.copy(server.certificate(), chain);
    Files.copy(server.key(), key);
    TestCertificates renewed = TestCertificates.make(directory, "renewed");
    try (var fixture = new ListenerFixture(settings(TlsSettings.of(chain, key)));
        var old = connect(fixture, server.clientContext())) {
      old.send(V5, Connect.of(V5, "old"));
      old.receive(V5);
      Files.copy(renewed.certificate(), chain, StandardCopyOption.REPLACE_EXISTING);
      Files.copy(renewed.key(), key, StandardCopyOption.REPLACE_EXISTING);

      fixture.listener.reloadCertificate();

      try (var client = connect(fixture, renewed.clientContext())) {
        client.send(V5, Connect.of(V5, "new"));
        assertInstanceOf(Connack.class, client.receive(V5));
      }
      old.send(V5, Pingreq.INSTANCE);
      assertEquals(Pingresp.INSTANCE, old.receive(V5));
    }
  }

  private static String failure(TlsSettings tls) {
    try (EventLoops loops = EventLoops.create(1)) {
      var listener = new MqttListener(settings(tls), loops, RecordingHandler::new);
      return assertThrows(ListenerException.class, listener::start).advice();
    }
  }

  @Test
  void saysWhichFileIsMissing() {
    String advice = failure(TlsSettings.of(directory.resolve("no.crt"), server.key()));

    assertTrue(advice.contains("no.crt does not exist"), advice);
  }

  @Test
  void saysWhichFileHoldsNoCertificate() throws Exception {
    Path garbage = Files.writeString(directory.resolve("garbage.crt"), "garbage");

    String advice = failure(TlsSettings.of(garbage, server.key()));

    assertTrue(advice.contains("garbage.crt holds no PEM certificates"), advice);
  }

  @Test
  void saysWhichFileHoldsNoKey() throws Exception {
    Path garbage = Files.writeString(directory.resolve("garbage.key"), "garbage");

    String advice = failure(TlsSettings.of(server.certificate(), garbage));

    assertTrue(advice.contains("garbage.key holds no PKCS #8 PEM private key"), advice);
  }

  @Test
  void saysThatKeyAndCertificateDoNotMatch() {
    String advice = failure(TlsSettings.of(server.certificate(), device.key()));

    assertTrue(advice.contains("does not belong to the first certificate"), advice);
  }

  @Test
  void readsAnEncryptedKey() throws Exception {
    Path encrypted = directory.resolve("encrypted.key");
    server.writeEncryptedKey(encrypted, "secret");
    TlsSettings right =
        new TlsSettings(server.certificate(), encrypted, "secret", ClientAuth.NONE, null);
    TlsSettings wrong =
        new TlsSettings(server.certificate(), encrypted, "other", ClientAuth.NONE, null);

    try (var fixture = new ListenerFixture(settings(right));
        var client = connect(fixture, server.clientContext())) {
      client.send(V5, Connect.of(V5, "c"));
      assertInstanceOf(Connack.class, client.receive(V5));
    }
    String advice = failure(wrong);
    assertTrue(advice.contains("or its password is wrong"), advice);
  }

  @Test
  void saysThatAuthoritiesAreMissing() {
    String advice =
        failure(
            new TlsSettings(server.certificate(), server.key(), null, ClientAuth.REQUIRED, null));

    assertTrue(advice.contains("needs a file of the authorities"), advice);
  }
}
