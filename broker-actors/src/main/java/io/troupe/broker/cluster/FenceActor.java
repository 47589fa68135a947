package io.troupe.broker.cluster;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.UniqueAddress;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Tells the {@link Fences} of its node which others are down. */
public final class FenceActor {
  private static final Map<String, Fences> BY_SYSTEM = new ConcurrentHashMap<>();

  private FenceActor() {}

  /**
   * Begins, before this node takes over anything.
   *
   * @param incarnation names a life of a node
   */
  public static void start(
      ActorSystem<?> system, Fences fences, Function<UniqueAddress, String> incarnation) {
    Cluster cluster = Cluster.get(system);
    String key = key(cluster.selfMember().uniqueAddress());
    BY_SYSTEM.put(key, fences);
    system.getWhenTerminated().thenRun(() -> BY_SYSTEM.remove(key));
    Behavior<ClusterEvent.MemberEvent> watching =
        Behaviors.receiveMessage(
            event -> {
              check(event.member(), fences, incarnation);
              return Behaviors.same();
            });
    cluster
        .subscriptions()
        .tell(
            Subscribe.create(
                system.systemActorOf(watching, "fence", Props.empty()),
                ClusterEvent.MemberEvent.class));
    cluster.state().getMembers().forEach(member -> check(member, fences, incarnation));
  }

  private static void check(
      Member member, Fences fences, Function<UniqueAddress, String> incarnation) {
    if (member.status().equals(MemberStatus.down())) {
      fences.down(incarnation.apply(member.uniqueAddress()));
    }
  }

  /** Of the actor system of this node; null: nothing is fenced. */
  static @Nullable Fences of(UniqueAddress self) {
    return BY_SYSTEM.get(key(self));
  }

  private static String key(UniqueAddress node) {
    return node.toString();
  }
}
