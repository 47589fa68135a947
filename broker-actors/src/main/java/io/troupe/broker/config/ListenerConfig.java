package io.troupe.broker.config;

import io.troupe.protocol.transport.TlsFiles;
import io.troupe.protocol.transport.TlsSettings;
import io.troupe.protocol.transport.Transport;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One place where clients connect; only enabled listeners become one.
 *
 * @param name unique; a metric label
 * @param bind a literal address or host name; {@code ::} for every address, {@code 0.0.0.0} on
 *     machines without IPv6
 * @param port 0 for any free port
 * @param path of the WebSocket endpoint, begins with {@code /}
 * @param certificateChain PEM file; null only without encryption, or in development mode before a
 *     certificate was made for it
 * @param privateKey PEM file; null when certificateChain is
 * @param clientCa PEM file of the authorities for clients' certificates; present unless clientAuth
 *     is NONE
 * @param origins web origins allowed to open a WebSocket; empty for any
 * @param connectionsMax open connections, at least 1
 */
public record ListenerConfig(
    String name,
    Transport transport,
    String bind,
    int port,
    String path,
    @Nullable Path certificateChain,
    @Nullable Path privateKey,
    ClientAuth clientAuth,
    @Nullable Path clientCa,
    List<String> origins,
    int connectionsMax) {

  private static final String EVERY_IPV4_ADDRESS = "0.0.0.0";
  private static final String EVERY_ADDRESS = "::";

  /** What browsers send: scheme, host, port; or {@code null} for what has no origin. */
  private static final Pattern ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[^/?#\\s]*|null");

  public ListenerConfig {
    origins = List.copyOf(origins);
  }

  /** Where to bind. */
  public InetSocketAddress address() {
    return new InetSocketAddress(bind, port);
  }

  /** The certificate and what is asked of clients; null without encryption or certificate. */
  public @Nullable TlsSettings tls() {
    if (!transport.isEncrypted() || certificateChain == null || privateKey == null) {
      return null;
    }
    return new TlsSettings(
        certificateChain,
        privateKey,
        null,
        TlsSettings.ClientAuth.valueOf(clientAuth.name()),
        clientCa);
  }

  /** Whether only programs of this machine can connect. */
  public boolean isLoopback() {
    InetAddress address = address().getAddress();
    return address != null && address.isLoopbackAddress();
  }

  /** One socket on {@code ::} takes IPv4 too, but needs a system with IPv6. */
  private static String everyAddress() {
    try {
      return NetworkInterface.networkInterfaces()
              .flatMap(NetworkInterface::inetAddresses)
              .anyMatch(Inet6Address.class::isInstance)
          ? EVERY_ADDRESS
          : EVERY_IPV4_ADDRESS;
    } catch (SocketException e) {
      return EVERY_IPV4_ADDRESS;
    }
  }

  ListenerConfig withCertificate(Path chain, Path key) {
    return new ListenerConfig(
        name,
        transport,
        bind,
        port,
        path,
        chain,
        key,
        clientAuth,
        clientCa,
        origins,
        connectionsMax);
  }

  /** Null for a listener that is off. */
  static @Nullable ListenerConfig read(ConfigReader in, String name, boolean dev) {
    Transport transport = in.oneOf("transport", Transport.class);
    Path chain = in.file("certificate-chain");
    Path key = in.file("private-key");
    Path clientCa = in.file("client-ca");
    boolean auto = !transport.isEncrypted() || chain != null;
    boolean enabled = in.flag("enabled", auto);
    String bind = in.text("bind", 1, 255);
    if (bind.equals("auto")) {
      bind = dev ? "127.0.0.1" : everyAddress();
    }
    ListenerConfig listener =
        new ListenerConfig(
            name,
            transport,
            bind,
            in.integer("port", 0, 65535),
            in.text("path", 1, 1024),
            chain,
            key,
            in.oneOf("client-auth", ClientAuth.class),
            clientCa,
            in.texts("origins"),
            in.integer("connections-max", 1, 10_000_000));
    for (String origin : listener.origins) {
      if (!ORIGIN.matcher(origin).matches()) {
        in.problem(
            "origins", "expected origins such as https://example.org, found \"" + origin + '"');
      }
    }
    if (!enabled) {
      return null;
    }
    listener.check(in, dev);
    return listener;
  }

  private void check(ConfigReader in, boolean dev) {
    if (!path.startsWith("/")) {
      in.problem("path", "expected a path that begins with \"/\", found \"" + path + '"');
    }
    if (address().isUnresolved()) {
      in.problem("bind", "expected an address of this machine, found \"" + bind + '"');
    }
    if (!transport.isEncrypted()) {
      if (clientAuth != ClientAuth.NONE) {
        in.problem("client-auth", "clients can show a certificate only over tls and wss");
      }
      return;
    }
    checkCertificate(in, dev);
  }

  /** That a file named is not there, has been said. */
  private void checkCertificate(ConfigReader in, boolean dev) {
    boolean chainSet = in.isSet("certificate-chain");
    boolean keySet = in.isSet("private-key");
    if (!chainSet && !keySet && !dev) {
      in.problem(
          "certificate-chain",
          "this listener needs certificate-chain and private-key, two PEM files");
    } else if (!chainSet && keySet) {
      in.problem("private-key", "a private key without certificate-chain");
    } else if (chainSet && !keySet) {
      in.problem("private-key", "the certificate-chain needs its private-key, a PEM file (PKCS#8)");
    }
    if (clientAuth != ClientAuth.NONE && !in.isSet("client-ca")) {
      in.problem("client-ca", "client-auth needs client-ca, a PEM file of authorities");
    }
    TlsSettings tls = tls();
    if (tls != null) {
      tls.mistakes().forEach(mistake -> in.problem(key(mistake), mistake.advice()));
      tls.warnings(Instant.now()).forEach(found -> in.warning(key(found), found.advice()));
    }
  }

  private static String key(TlsFiles.Finding finding) {
    return switch (finding.file()) {
      case CERTIFICATE_CHAIN -> "certificate-chain";
      case PRIVATE_KEY -> "private-key";
      case AUTHORITIES -> "client-ca";
    };
  }
}
