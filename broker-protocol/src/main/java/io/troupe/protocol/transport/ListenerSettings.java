package io.troupe.protocol.transport;

import io.troupe.protocol.codec.DecoderSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One listener.
 *
 * @param name for log, metrics and the handlers of its connections
 * @param bindAddress host name or address; {@code 0.0.0.0} or {@code ::} for all
 * @param port 0: any free one, see {@link MqttListener#boundAddress}
 * @param tls needed for {@link Transport#TLS} and {@link Transport#WSS}
 * @param webSocket used by {@link Transport#WS} and {@link Transport#WSS}
 * @param backlog connections that the kernel completes before they are accepted
 * @param connectionsMax connections beyond are closed at once
 * @param connectTimeLimit from accepting the socket to the accepted CONNECT, TLS and WebSocket
 *     handshake included
 * @param writeBufferLowBytes unsent bytes below which a connection is writable again
 * @param writeBufferHighBytes unsent bytes above which a connection is not writable
 */
public record ListenerSettings(
    String name,
    Transport transport,
    String bindAddress,
    int port,
    @Nullable TlsSettings tls,
    WebSocketSettings webSocket,
    DecoderSettings decoder,
    int backlog,
    int connectionsMax,
    Duration connectTimeLimit,
    int writeBufferLowBytes,
    int writeBufferHighBytes) {

  public ListenerSettings {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("listener " + name + ": port " + port);
    }
    if (transport.isEncrypted() && tls == null) {
      throw new IllegalArgumentException(
          "listener " + name + ": " + transport + " needs a certificate and a key");
    }
    if (backlog < 1 || connectionsMax < 1 || connectTimeLimit.toMillis() < 1) {
      throw new IllegalArgumentException(
          "listener " + name + ": backlog, connectionsMax and connectTimeLimit are at least 1");
    }
    if (writeBufferLowBytes < 0 || writeBufferHighBytes < writeBufferLowBytes) {
      throw new IllegalArgumentException(
          "listener " + name + ": the low write buffer mark is above the high one");
    }
  }

  /** With the defaults of everything else, a million connections and 10 s to connect. */
  public static ListenerSettings of(
      String name, Transport transport, String bindAddress, int port, @Nullable TlsSettings tls) {
    return new ListenerSettings(
        name,
        transport,
        bindAddress,
        port,
        tls,
        WebSocketSettings.DEFAULT,
        DecoderSettings.DEFAULT,
        1024,
        1_000_000,
        Duration.ofSeconds(10),
        32 * 1024,
        64 * 1024);
  }
}
