package io.troupe.broker.connection;

import io.netty.util.concurrent.ScheduledFuture;
import io.troupe.broker.config.SessionConfig;
import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.protocol.transport.MqttConnection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends and does not read what comes back is not read either, so that it costs no
 * memory; if it takes nothing at all for a while it is disconnected. Owned by the connection's
 * event loop.
 */
final class UnreadAnswers {
  private final ClientConnection connection;
  private final Ending ending;
  private final MqttConnection mqtt;
  private final long bytesMax;
  private final long lookMillis;
  private @Nullable ScheduledFuture<?> look;
  private long bytes;
  private boolean still;

  UnreadAnswers(ClientConnection connection, Ending ending, SessionConfig session) {
    this.connection = connection;
    this.ending = ending;
    this.mqtt = connection.mqtt();
    this.bytesMax = session.unreadBytesMax();
    this.lookMillis = session.unreadTimeout().toMillis() / 2;
  }

  /** What was written was offered to the socket, and it does not take all. */
  void flushed() {
    if (mqtt.unsentBytes() > bytesMax && connection.pause(Pauses.UNREAD)) {
      still = false;
      lookLater();
    }
  }

  /** The socket takes more. */
  void writable() {
    ScheduledFuture<?> planned = look;
    if (planned != null) {
      look = null;
      planned.cancel(false);
    }
    connection.resume(Pauses.UNREAD);
  }

  private void lookLater() {
    bytes = mqtt.unsentBytes();
    look = mqtt.eventLoop().schedule(this::look, lookMillis, TimeUnit.MILLISECONDS);
  }

  /** Twice, as its session may have added something before the first look. */
  private void look() {
    if (connection.isClosed()) {
      return;
    }
    boolean takesNothing = mqtt.unsentBytes() >= bytes;
    if (takesNothing && still) {
      ending.abort(DisconnectReason.SLOW_CONSUMER);
    } else {
      still = takesNothing;
      lookLater();
    }
  }
}
