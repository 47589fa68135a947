package io.troupe.broker.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Locale;
import javax.net.ssl.SSLContext;

/** How a {@link WireClient} reaches the broker. */
enum WireTransport {
  TCP,
  TLS,
  WS,
  WSS;

  private static final int CONNECT_WITHIN_MILLIS = 10_000;

  /** The name of the broker's listener. */
  String listener() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean isEncrypted() {
    return this == TLS || this == WSS;
  }

  boolean isWebSocket() {
    return this == WS || this == WSS;
  }

  /**
   * A socket to this port of the loopback interface, TLS handshake done.
   *
   * @param tls what the client trusts, if it needs any
   */
  Socket open(int port, SSLContext tls) {
    try {
      var socket = new Socket();
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_WITHIN_MILLIS);
      socket.setTcpNoDelay(true);
      return isEncrypted()
          ? tls.getSocketFactory().createSocket(socket, "localhost", port, true)
          : socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
