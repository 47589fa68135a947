package io.troupe.broker.auth;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;

/** Every accepted client may do everything but publish to {@code $SYS}, the broker's own topics. */
public final class OpenAuthorizer implements Authorizer {

  @Override
  public boolean mayPublish(Identity identity, String topic, Qos qos, boolean retain) {
    return !topic.startsWith("$SYS/");
  }

  @Override
  public boolean maySubscribe(Identity identity, TopicFilter filter) {
    return true;
  }

  @Override
  public boolean mayReceive(Identity identity, String topic) {
    return true;
  }
}
