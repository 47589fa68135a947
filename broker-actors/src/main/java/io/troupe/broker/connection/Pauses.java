package io.troupe.broker.connection;

import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.protocol.transport.MqttConnection;

/**
 * Why a connection is not read for now, so that TCP makes its client wait: bits. Owned by the
 * connection's event loop.
 */
final class Pauses {
  /** Packets behind CONNECT wait for CONNACK. */
  static final int CONNECTING = 1;

  /** The route of a topic is being fetched. */
  static final int ROUTE = 2;

  /** The client has as much unacknowledged as it may. */
  static final int UNACKNOWLEDGED = 4;

  /** Sessions or the store are behind. */
  static final int BEHIND = 8;

  /** The client does not read the answers. */
  static final int UNREAD = 16;

  /** Its session has too much to do for it. */
  static final int SESSION = 32;

  private final MqttConnection mqtt;
  private final BrokerMetrics metrics;
  private int why;

  Pauses(MqttConnection mqtt, BrokerMetrics metrics) {
    this.mqtt = mqtt;
    this.metrics = metrics;
  }

  /** Stops reading; whether it was not stopped for this reason already. */
  boolean add(int reason) {
    if ((why & reason) != 0) {
      return false;
    }
    if (why == 0) {
      mqtt.setReading(false);
      metrics.readingPaused();
    }
    why |= reason;
    return true;
  }

  /** Whether reading goes on because of this. */
  boolean remove(int reason) {
    boolean was = why != 0;
    why &= ~reason;
    if (!was || why != 0) {
      return false;
    }
    metrics.readingResumed();
    mqtt.setReading(true);
    return true;
  }

  /** The connection is gone. */
  void closed() {
    if (why != 0) {
      why = 0;
      metrics.readingResumed();
    }
  }

  boolean any() {
    return why != 0;
  }

  boolean contains(int reason) {
    return (why & reason) != 0;
  }
}
