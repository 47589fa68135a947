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
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

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

  /** Nodes that are gone acknowledge nothing any more. */
  private record Fenced(Set<ActorRef<RouteCacheActor.Command>> gone) implements Command {}

  private record Stopped(ActorRef<TopicPartitionActor.Command> partition) implements Command {}

  private static final Set<MemberStatus> PRESENT =
      Set.of(MemberStatus.up(), MemberStatus.leaving());

  private final Cluster cluster;
  private final Set<ActorRef<TopicPartitionActor.Command>> partitions = new HashSet<>();
  private final Supplier<CompletionStage<Void>> fenced;
  private Set<ActorRef<RouteCacheActor.Command>> nodes = Set.of();

  /** Gone, but they may acknowledge still: partitions go on to wait for them. */
  private final Set<ActorRef<RouteCacheActor.Command>> leaving = new HashSet<>();

  /**
   * @param fenced completes when nodes that are out of the cluster by now acknowledge nothing any
   *     more
   */
  static Behavior<Command> create(Supplier<CompletionStage<Void>> fenced) {
    return Behaviors.setup(context -> new NodesActor(context, fenced));
  }

  private NodesActor(ActorContext<Command> context, Supplier<CompletionStage<Void>> fenced) {
    super(context);
    this.fenced = fenced;
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
        .onMessage(Fenced.class, this::onFenced)
        .build();
  }

  private Behavior<Command> onListing(Listing listing) {
    Set<ActorRef<RouteCacheActor.Command>> gone = new HashSet<>(nodes);
    nodes = Set.copyOf(listing.listing().getAllServiceInstances(RouteCacheActor.KEY));
    leaving.removeAll(nodes);
    gone.removeAll(nodes);
    if (!gone.isEmpty()) {
      leaving.addAll(gone);
      getContext().pipeToSelf(fenced.get(), (done, failure) -> new Fenced(gone));
    }
    return tellAll();
  }

  private Behavior<Command> onFenced(Fenced message) {
    leaving.removeAll(message.gone());
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
    Set<ActorRef<RouteCacheActor.Command>> all = new HashSet<>(nodes);
    all.addAll(leaving);
    return new TopicPartitionActor.Nodes(Set.copyOf(all), complete && !nodes.isEmpty());
  }
}
