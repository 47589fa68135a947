package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.ExtendedActorSystem;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.javadsl.Adapter;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class RoutingSerializerTest {
  private static final ActorTestKit KIT = ActorTestKit.create(RoutingTesting.config());

  private final RoutingSerializer serializer =
      new RoutingSerializer((ExtendedActorSystem) Adapter.toClassic(KIT.system()));
  private final TestProbe<ClientSessionActor.Command> session =
      KIT.createTestProbe(ClientSessionActor.Command.class);
  private final TestProbe<RouteCacheActor.Command> node =
      KIT.createTestProbe(RouteCacheActor.Command.class);
  private final Subscriber online =
      new Subscriber(
          "client",
          new Subscription(TopicFilter.of("$share/g/a/+"), Qos.EXACTLY_ONCE, true, true, 2, 77),
          true,
          ClientLimits.parse("type=application,age-max=7d,when-full=drop-newest"),
          9,
          session.getRef());
  private final Subscriber offline =
      new Subscriber(
          "other",
          new Subscription(TopicFilter.of("#"), Qos.AT_MOST_ONCE, false, false, 0, 0),
          false,
          ClientLimits.DEVICE,
          1,
          null);

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  private void roundTrip(Object object) {
    byte[] bytes = serializer.toBinary(object);
    assertEquals(object, serializer.fromBinary(bytes, serializer.manifest(object)));
  }

  @Test
  void messagesToPartitionsComeBackAsTheyWere() {
    Message message =
        new Message(
            "a/b",
            Payload.utf8("payload"),
            Qos.EXACTLY_ONCE,
            true,
            MessageProperties.NONE,
            "publisher",
            1_700_000_000_000L);
    roundTrip(
        new TopicPartitionActor.Append(
            1,
            List.of(
                new TopicPartitionActor.AppendEntry(message, 5, 3, true),
                new TopicPartitionActor.AppendEntry(message, 0, 0, false)),
            KIT.createTestProbe(IngressActor.Command.class).getRef()));
    roundTrip(new TopicPartitionActor.Read("f", "c", 7, 8, 9, session.getRef()));
    roundTrip(new TopicPartitionActor.Settled("f", "c", 7));
    roundTrip(new TopicPartitionActor.SharedSettled("f", "c", List.of(1L, 200L)));
    roundTrip(new TopicPartitionActor.SharedRefused("f", "c", List.of(1L)));
    roundTrip(new TopicPartitionActor.Pause("f", "c"));
    roundTrip(new TopicPartitionActor.NodeAcknowledged(node.getRef(), Long.MAX_VALUE, 2));
    roundTrip(
        new TopicPartitionActor.FromNode(
            node.getRef(),
            3,
            4,
            List.of(
                new NodeRequest.Hold("a/b", 5),
                new NodeRequest.Release("", 6),
                new NodeRequest.Change(
                    7, new TopicPartitionActor.Subscribe(online, 8, session.getRef())),
                new NodeRequest.Change(
                    9, new TopicPartitionActor.Unsubscribe("f", "c", session.getRef())),
                new NodeRequest.Change(
                    9, new TopicPartitionActor.Unsubscribe("f", "c", true, null, session.getRef())),
                new NodeRequest.Change(
                    9,
                    new TopicPartitionActor.Unsubscribe(
                        "f", "c", false, List.of(), session.getRef())),
                new NodeRequest.Change(
                    10,
                    new TopicPartitionActor.Offline("f", "c", List.of(7L, 300L), session.getRef())),
                new NodeRequest.Change(
                    10, new TopicPartitionActor.Offline("f", "c", session.getRef())),
                new NodeRequest.Present(offline),
                new NodeRequest.Complete())));
  }

  @Test
  void messagesToNodesComeBackAsTheyWere() {
    roundTrip(new RouteCacheActor.Hello(63, Long.MAX_VALUE));
    roundTrip(new RouteCacheActor.PartitionAcknowledged(1, 2, 3));
    roundTrip(
        new RouteCacheActor.FromPartition(
            1,
            2,
            3,
            List.of(
                new PartitionUpdate.Content(
                    "a",
                    4,
                    List.of(
                        new RouteChange(
                            online.subscription().filter(), true, online.clientId(), online),
                        new RouteChange(TopicFilter.of("a/b"), false, "", null)),
                    true,
                    false),
                new PartitionUpdate.Changed(
                    new RouteChange(TopicFilter.of("a/b"), true, "gone", null)),
                new PartitionUpdate.Done("f", "c", 5)),
            KIT.createTestProbe(TopicPartitionActor.Command.class).getRef()));
  }

  @Test
  void whatStaysOnANodeIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> serializer.manifest(new TopicPartitionActor.Flush()));
  }
}
