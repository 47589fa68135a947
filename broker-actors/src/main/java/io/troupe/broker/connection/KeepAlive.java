package io.troupe.broker.connection;

import io.troupe.protocol.packet.ReasonCode;
import java.util.concurrent.TimeUnit;

/**
 * One and a half times the Keep Alive without a packet ends the connection (MQTT-3.1.2-22). While
 * reading is paused nothing can be heard, so that time does not count. Owned by the connection's
 * event loop.
 */
final class KeepAlive {
  private static final long CHECK_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(100);

  private final ClientConnection connection;
  private long heardNanos;
  private long limitNanos;

  KeepAlive(ClientConnection connection) {
    this.connection = connection;
  }

  /** Something was read, or reading goes on. */
  void heard() {
    heardNanos = connection.nanoTime();
  }

  /**
   * CONNACK went out.
   *
   * @param seconds the Keep Alive in force; 0: none
   */
  void start(int seconds) {
    heard();
    if (seconds > 0) {
      limitNanos = TimeUnit.MILLISECONDS.toNanos(seconds * 1500L);
      check();
    }
  }

  private void check() {
    if (connection.state() != ClientConnection.State.CONNECTED) {
      return;
    }
    long silent = connection.nanoTime() - heardNanos;
    if (silent < limitNanos || connection.pauses().any()) {
      long wait = Math.max(CHECK_NANOS_MIN, limitNanos - silent);
      connection.mqtt().eventLoop().schedule(this::check, wait, TimeUnit.NANOSECONDS);
    } else {
      connection.close(ReasonCode.KEEP_ALIVE_TIMEOUT, null);
    }
  }
}
