package io.troupe.broker.routing;

import akka.actor.Address;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.receptionist.Receptionist;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import java.util.HashSet;
import java.util.Set;

/**
 * One per node: tells the partitions on this node which nodes there are, by their {@link
 * RouteCacheActor}s. A node that cannot be reached is still one, until it is removed from the
 * cluster.
 */
final class NodesActor extends AbstractBehavior<NodesActor.Command> {
  /** What it takes. */
  sealed interface Command {}

  /** A partition wants to know, now and after each change, until it stops. */
  record Watch(ActorRef<TopicPartitionActor.Command> partition) implements Command {}

  private record Listing(Receptionist.Listing listing) implements Command {}

  private record Changed(ClusterEvent.MemberEvent event) implements Command {}

  private record Stopped(ActorRef<TopicPartitionActor.Command> partition) implements Command {}

  private static final Set<MemberStatus> PRESENT =
      Set.of(MemberStatus.up(), MemberStatus.leaving());

  private final Cluster cluster;
  private final Set<ActorRef<TopicPartitionActor.Command>> partitions = new HashSet<>();
  private Set<ActorRef<RouteCacheActor.Command>> nodes = Set.of();

  static Behavior<Command> create() {
    return Behaviors.setup(NodesActor::new);
  }

  private NodesActor(ActorContext<Command> context) {
    super(context);
    cluster = Cluster.get(context.getSystem());
    context
        .getSystem()
        .receptionist()
        .tell(
            Receptionist.subscribe(
                RouteCacheActor.KEY,
                context.messageAdapter(Receptionist.Listing.class, Listing::new)));
    cluster
        .subscriptions()
        .tell(
            Subscribe.create(
                context.messageAdapter(ClusterEvent.MemberEvent.class, Changed::new),
                ClusterEvent.MemberEvent.class));
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Listing.class, this::onListing)
        .onMessage(Changed.class, changed -> tellAll())
        .onMessage(Watch.class, this::onWatch)
        .onMessage(Stopped.class, this::onStopped)
        .build();
  }

  private Behavior<Command> onListing(Listing listing) {
    nodes = Set.copyOf(listing.listing().getAllServiceInstances(RouteCacheActor.KEY));
    return tellAll();
  }

  private Behavior<Command> onWatch(Watch watch) {
    if (partitions.add(watch.partition())) {
      getContext().watchWith(watch.partition(), new Stopped(watch.partition()));
    }
    watch.partition().tell(nodesNow());
    return this;
  }

  private Behavior<Command> onStopped(Stopped stopped) {
    partitions.remove(stopped.partition());
    return this;
  }

  private Behavior<Command> tellAll() {
    TopicPartitionActor.Nodes now = nodesNow();
    partitions.forEach(partition -> partition.tell(now));
    return this;
  }

  private TopicPartitionActor.Nodes nodesNow() {
    Set<Address> known = new HashSet<>();
    for (ActorRef<RouteCacheActor.Command> node : nodes) {
      Address address = node.path().address();
      known.add(address.hasLocalScope() ? cluster.selfMember().address() : address);
    }
    boolean complete = true;
    for (Member member : cluster.state().getMembers()) {
      complete &= !PRESENT.contains(member.status()) || known.contains(member.address());
    }
    return new TopicPartitionActor.Nodes(nodes, complete && !nodes.isEmpty());
  }
}
