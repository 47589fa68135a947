package io.troupe.broker.sys;

import io.troupe.protocol.packet.Message;

/** Publishes messages of the broker itself. */
@FunctionalInterface
public interface Publisher {

  void publish(Message message);
}
