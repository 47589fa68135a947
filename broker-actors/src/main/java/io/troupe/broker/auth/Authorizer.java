package io.troupe.broker.auth;

import io.troupe.broker.config.AuthConfig;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.io.IOException;
import java.nio.file.Path;

/** What a client may do. Thread-safe, never waits; called for every message. */
public interface Authorizer {

  /** Whether the client may publish to this topic name: for PUBLISH and for its will. */
  boolean mayPublish(Identity identity, String topic, Qos qos, boolean retain);

  /** Whether the client may subscribe; for a shared subscription its filter counts. */
  boolean maySubscribe(Identity identity, TopicFilter filter);

  /**
   * Whether a message may be delivered to the client. Asked at delivery: a subscription may be
   * wider than what may be read, and older than the rules.
   */
  boolean mayReceive(Identity identity, String topic);

  /**
   * The rules the configuration asks for: those of its file, or without one everything except
   * publishing to topics of the broker's own, which begin with {@code $SYS/}.
   *
   * @throws MalformedFileException if the file is damaged, with file and line
   * @throws IOException if it cannot be read
   */
  static Authorizer of(AuthConfig config) throws IOException, MalformedFileException {
    Path file = config.aclFile();
    return file == null ? new OpenAuthorizer() : AclRules.read(file);
  }
}
