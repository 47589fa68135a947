package io.troupe.broker.routing;

import static io.troupe.broker.routing.RoutingTesting.PATIENCE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import org.junit.jupiter.api.Test;

class ClusterRoutingTest {
  @Test
  @Promise("I12")
  void aSubscriptionIsKnownOnEveryNodeWhenItIsEffective() {
    try (RoutingTesting first = new RoutingTesting()) {
      TestProbe<ClientSessionActor.Command> session = first.session();
      // All partitions start on the first node.
      for (int i = 0; i < 40; i++) {
        first.subscribe(session, "c", "warm" + i, 0, false, 0);
      }
      try (RoutingTesting second = new RoutingTesting(first)) {
        second.ingress.awaitAssert(
            PATIENCE,
            () -> {
              int up = 0;
              for (Member member : Cluster.get(second.kit.system()).state().getMembers()) {
                up += member.status().equals(MemberStatus.up()) ? 1 : 0;
              }
              assertEquals(2, up);
              return null;
            });
        for (int i = 0; i < 20; i++) {
          String topic = "t/" + i;
          assertTrue(second.route(topic).isEmpty(Qos.AT_MOST_ONCE));
          first.subscribe(session, "c", topic, 0, false, 0);
          assertEquals(1, second.route(topic).direct(Qos.AT_MOST_ONCE).size());
        }
        first.routing.tell(new TopicPartitionActor.Unsubscribe("t/7", "c", session.getRef()));
        session.expectMessageClass(ClientSessionActor.UnsubscriptionEffective.class, PATIENCE);
        assertTrue(second.route("t/7").isEmpty(Qos.AT_MOST_ONCE));
      }
    }
  }
}
