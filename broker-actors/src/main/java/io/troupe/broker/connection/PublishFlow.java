package io.troupe.broker.connection;

import io.troupe.broker.config.MqttConfig;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.topic.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one client publishes: topic aliases, quotas, rights, and acknowledgements in the order of
 * the PUBLISHes (MQTT-4.6.0-2, MQTT-4.6.0-3). Owned by the connection's event loop.
 */
final class PublishFlow {
  /** Longer topics are checked each time: one in memory for each connection would be too much. */
  private static final int LAST_TOPIC_MAX = 1_024;

  private final ClientConnection connection;
  private final Handshake client;
  private final ConnectionSurroundings surroundings;
  private final MqttConfig mqtt;
  private final ReadCycle cycle;

  /**
   * Messages that will be acknowledged, in order; the first incomplete one holds back those behind
   * it.
   */
  private final ArrayDeque<Inbound> unacknowledged = new ArrayDeque<>(0);

  /** QoS 2: PUBLISHes that the session has not admitted yet, in the order they were sent to it. */
  private final ArrayDeque<Message> unadmitted = new ArrayDeque<>(0);

  /** Admitted or routed messages that wait behind one whose route is being fetched. */
  private final ArrayDeque<Inbound> backlog = new ArrayDeque<>(0);

  private final List<Integer> toAdmit = new ArrayList<>(0);

  /** QoS 2 packet identifiers between PUBLISH and PUBCOMP: they count against Receive Maximum. */
  private Set<Integer> exchanges = Collections.emptySet();

  /** QoS 1 PUBLISHes without PUBACK. */
  private int atLeastOnce;

  /** Of all that is neither acknowledged nor refused. */
  private long unacknowledgedBytes;

  private @Nullable String[] aliases = new @Nullable String[0];
  private String lastTopic = "";
  private ReasonCode lastVerdict = ReasonCode.TOPIC_NAME_INVALID;
  private boolean waitsForRoute;

  PublishFlow(
      ClientConnection connection,
      Handshake client,
      ConnectionSurroundings surroundings,
      Connections.Loop loop) {
    this.connection = connection;
    this.client = client;
    this.surroundings = surroundings;
    this.mqtt = surroundings.mqtt();
    this.cycle = loop.cycle();
  }

  void onPublish(Publish publish) {
    surroundings.metrics().received(publish.qos(), publish.payload().length());
    String topic = topic(publish);
    if (topic == null) {
      return;
    }
    if (publish.qos().compareTo(mqtt.maximumQos()) > 0) {
      connection.close(ReasonCode.QOS_NOT_SUPPORTED, null); // MQTT-3.2.2-11
      return;
    }
    if (publish.retain() && !mqtt.retain()) {
      connection.close(ReasonCode.RETAIN_NOT_SUPPORTED, null); // MQTT-3.2.2-14
      return;
    }
    if (publish.qos() != Qos.AT_MOST_ONCE && !takeQuota(publish)) {
      return;
    }
    ReasonCode verdict = verdict(topic, publish);
    if (verdict.isError()) {
      refuse(publish, verdict);
      return;
    }
    Message message =
        new Message(
            topic,
            publish.payload(),
            publish.qos(),
            publish.retain(),
            publish.properties(),
            client.clientId(),
            System.currentTimeMillis());
    if (publish.qos() != Qos.AT_MOST_ONCE) {
      hold(message);
    }
    if (publish.qos() == Qos.EXACTLY_ONCE) {
      unadmitted.add(message);
      toAdmit.add(publish.packetId());
      return;
    }
    Inbound in = Inbound.of(connection, message, publish.packetId());
    if (publish.qos() == Qos.AT_LEAST_ONCE) {
      unacknowledged.add(in);
    }
    route(in);
  }

  /** It takes memory until it is acknowledged; with too many bytes nothing more is read. */
  private void hold(Message message) {
    unacknowledgedBytes += message.sizeBytes();
    if (unacknowledgedBytes >= mqtt.receiveBytesMax()) {
      connection.pause(Pauses.UNACKNOWLEDGED);
    }
  }

  /** The topic, through its alias if there is one; null if the connection was closed. */
  private @Nullable String topic(Publish publish) {
    int alias = publish.topicAlias();
    if (alias == 0) {
      return publish.topic();
    }
    if (alias > mqtt.topicAliasMaximum()) {
      connection.close(ReasonCode.TOPIC_ALIAS_INVALID, "topic alias " + alias); // MQTT-3.3.2-9
      return null;
    }
    if (aliases.length <= alias) {
      aliases = Arrays.copyOf(aliases, mqtt.topicAliasMaximum() + 1);
    }
    if (!publish.topic().isEmpty()) {
      aliases[alias] = publish.topic();
      return publish.topic();
    }
    String topic = aliases[alias];
    if (topic == null) {
      connection.close(ReasonCode.PROTOCOL_ERROR, "topic alias " + alias + " is not set");
    }
    return topic;
  }

  /**
   * Counts against the Receive Maximum announced (MQTT-3.3.4-7); false if the connection was
   * closed.
   */
  private boolean takeQuota(Publish publish) {
    boolean repeated = publish.qos() == Qos.EXACTLY_ONCE && exchanges.contains(publish.packetId());
    boolean v5 = client.connect().version().isV5();
    if (v5 && !repeated && atLeastOnce + exchanges.size() >= mqtt.receiveMaximum()) {
      connection.close(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED, null); // MQTT-3.3.4-9
      return false;
    }
    if (publish.qos() == Qos.EXACTLY_ONCE) {
      if (exchanges.isEmpty()) {
        exchanges = new HashSet<>();
      }
      exchanges.add(publish.packetId());
    } else {
      atLeastOnce++;
    }
    if (unacknowledged.size() + unadmitted.size() >= mqtt.receiveMaximum()) {
      connection.pause(Pauses.UNACKNOWLEDGED);
    }
    return true;
  }

  /** Whether the client may publish this; remembered for the topic of the PUBLISH before. */
  private ReasonCode verdict(String topic, Publish publish) {
    if (topic.equals(lastTopic) && !publish.retain()) {
      return lastVerdict;
    }
    ReasonCode verdict;
    if (topic.length() > mqtt.topicLengthMax() || TopicName.levels(topic) > mqtt.topicLevelsMax()) {
      verdict = ReasonCode.TOPIC_NAME_INVALID;
    } else if (topic.charAt(0) == '$'
        || !surroundings.mayPublish(
            client.clientId(), client.username(), topic, publish.qos(), publish.retain())) {
      verdict = ReasonCode.NOT_AUTHORIZED;
    } else {
      verdict = ReasonCode.SUCCESS;
    }
    if (!publish.retain() && topic.length() <= LAST_TOPIC_MAX) {
      lastTopic = topic;
      lastVerdict = verdict;
    }
    return verdict;
  }

  /**
   * Dropped, but acknowledged in its turn: with the reason for 5.0, as if taken for 3.x (3.3.5 of
   * 3.1.1).
   */
  private void refuse(Publish publish, ReasonCode verdict) {
    surroundings.metrics().dropped(DropReason.NOT_AUTHORIZED, 1);
    if (publish.qos() == Qos.AT_MOST_ONCE) {
      return;
    }
    Message nothing =
        new Message("", publish.payload(), publish.qos(), false, publish.properties(), "", 0);
    hold(nothing);
    Inbound in = Inbound.of(connection, nothing, publish.packetId());
    in.result = verdict;
    in.complete = true;
    unacknowledged.add(in);
    acknowledge();
  }

  /** The socket read has ended: QoS 2 PUBLISHes go to the session before they are routed. */
  void sendAdmissions() {
    if (!toAdmit.isEmpty()) {
      connection.tellSession(new ClientSessionActor.Admit(connection.id(), List.copyOf(toAdmit)));
      toAdmit.clear();
    }
  }

  void onAdmitted(List<InboundFlow.Admission> admissions, long settledBelow) {
    for (InboundFlow.Admission a : admissions) {
      Message message = unadmitted.removeFirst();
      Inbound in =
          Inbound.exactlyOnce(
              connection, message, a.packetId(), a.sequence(), settledBelow, a.retry());
      unacknowledged.add(in);
      if (a.routed()) {
        in.complete = true;
      } else {
        route(in);
      }
    }
    acknowledge();
  }

  private void route(Inbound in) {
    if (waitsForRoute) {
      backlog.add(in);
      return;
    }
    if (!cycle.route(in)) {
      waitsForRoute = true;
      connection.pause(Pauses.ROUTE);
    } else if (cycle.isBehind(in) && connection.pause(Pauses.BEHIND)) {
      cycle.pauseUntilCaughtUp(connection);
    }
  }

  /** The message that waited for its route is on its way. */
  void onRouted() {
    waitsForRoute = false;
    while (!waitsForRoute && !backlog.isEmpty()) {
      route(backlog.removeFirst());
    }
    if (!waitsForRoute) {
      connection.resume(Pauses.ROUTE);
    }
  }

  /** All who must store the message have answered. */
  void onCompleted(Inbound in) {
    if (in.failed) {
      // what was not stored is not acknowledged; the client sends it again when it is back
      connection.close(ReasonCode.SERVER_UNAVAILABLE, "the message could not be stored");
    } else if (in.packetId != 0) {
      acknowledge();
    }
  }

  /** What is due, in order; later, while this node may not. */
  void acknowledge() {
    if (!unacknowledged.isEmpty()
        && unacknowledged.getFirst().complete
        && !surroundings.mayAcknowledge()) {
      connection.acknowledgeLater();
      return;
    }
    while (!unacknowledged.isEmpty() && unacknowledged.getFirst().complete) {
      if (unacknowledged.getFirst().failed) {
        return; // neither this nor what comes behind is acknowledged; the connection closes
      }
      boolean v5 = client.connect().version().isV5();
      if (!v5 && unacknowledged.getFirst().result == ReasonCode.QUOTA_EXCEEDED) {
        // 3.x has no word for it, and an acknowledgement would say that the message is safe
        connection.close(ReasonCode.QUOTA_EXCEEDED, "a limit of stored messages is reached");
        return;
      }
      Inbound in = unacknowledged.removeFirst();
      unacknowledgedBytes -= in.message.sizeBytes();
      ReasonCode code = v5 ? in.result : ReasonCode.SUCCESS;
      surroundings
          .metrics()
          .publishAcknowledged(in.message.qos(), System.nanoTime() - in.readNanos);
      if (in.message.qos() == Qos.AT_LEAST_ONCE) {
        atLeastOnce--;
        acknowledge(Puback.of(in.packetId, code), code);
      } else {
        boolean refused = code.isError();
        if (refused) {
          exchanges.remove(in.packetId);
        }
        if (in.sequence != 0) {
          connection.tellSession(new ClientSessionActor.Routed(in.packetId, in.sequence, refused));
        }
        acknowledge(Pubrec.of(in.packetId, code), code);
      }
    }
    if (unacknowledged.size() + unadmitted.size() < mqtt.receiveMaximum()
        && unacknowledgedBytes < mqtt.receiveBytesMax()) {
      connection.resume(Pauses.UNACKNOWLEDGED);
    }
  }

  private void acknowledge(Packet packet, ReasonCode code) {
    if (code.isError()) {
      connection.writeExplained(packet);
    } else {
      connection.write(packet);
    }
  }

  /** PUBCOMP was sent: the exchange no longer counts. */
  void completed(int packetId) {
    exchanges.remove(packetId);
  }
}
