package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.PreRestart;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.actor.typed.javadsl.ReceiveBuilder;
import akka.actor.typed.receptionist.Receptionist;
import akka.actor.typed.receptionist.ServiceKey;
import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.session.ClientSessionActor;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * One per node: fills the node's {@link RouteCache}, confirms every change of it to the partition
 * that made it, and carries its sessions' subscription commands to the partitions.
 *
 * <p>With each partition it has a link in each direction ({@link OrderedLink}): in order, one batch
 * at a time, repeated until acknowledged. A partition that starts anew says {@link Hello} with a
 * new incarnation; then the link begins anew with all prefixes this node holds, all subscribers of
 * its sessions, what is still to be done, and the mark that this is complete. Meanwhile the old
 * copies serve.
 *
 * <p>After a failure it starts anew with an empty cache and the subscribers it had; event loops
 * find nothing in the cache and ask again.
 */
public final class RouteCacheActor extends AbstractBehavior<RouteCacheActor.Command> {
  /** Under which partitions find the nodes. */
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "route-cache");

  private static final Duration TICK = Duration.ofMillis(250);
  private static final long REPEAT_AFTER_MILLIS = 1_000;
  private static final int TICKS_PER_SWEEP = 120;

  /** What a node's route cache takes. */
  public sealed interface Command {}

  /**
   * Loads what {@link RouteCache#match} lacks; answered with {@link IngressActor.RouteReady}. Not
   * answered if long prefixes that others wait for take all room: to be asked again.
   */
  public record Resolve(String topic, ActorRef<IngressActor.Command> replyTo) implements Command {}

  /**
   * Carries a command of one of this node's sessions to its partition, and repeats it until done.
   */
  public record Carry(TopicPartitionActor.SubscriptionCommand command) implements Command {}

  /** A partition has started, or does not know what this node holds. */
  public record Hello(int partition, long incarnation) implements Command {}

  /**
   * What a partition tells this node, answered with {@link TopicPartitionActor.NodeAcknowledged}.
   */
  public record FromPartition(
      int partition,
      long incarnation,
      long sequence,
      List<PartitionUpdate> updates,
      ActorRef<TopicPartitionActor.Command> replyTo)
      implements Command {}

  /** The partition has taken over what this node told it under this number. */
  public record PartitionAcknowledged(int partition, long incarnation, long sequence)
      implements Command {}

  private record SessionStopped(ActorRef<ClientSessionActor.Command> session) implements Command {}

  private record Tick() implements Command {}

  /** The link with one partition. */
  private static final class Peer {
    final int partition;
    long incarnation;
    long received;
    long wokenAtMillis = now() - REPEAT_AFTER_MILLIS;
    OrderedLink<NodeRequest> link = newLink();

    Peer(int partition) {
      this.partition = partition;
    }

    static OrderedLink<NodeRequest> newLink() {
      return new OrderedLink<>(NodeLinks.BATCH_WEIGHT_MAX, NodeRequest::weight);
    }
  }

  /** A topic that somebody wants to match, with the number of prefixes it lacks. */
  private static final class Waiting {
    final String topic;
    final Set<ActorRef<IngressActor.Command>> replyTo = new HashSet<>(2);
    int missing;

    Waiting(String topic) {
      this.topic = topic;
    }
  }

  private final RouteCache cache;
  private final PrefixEviction eviction;
  private final BiConsumer<Integer, TopicPartitionActor.Command> partitions;
  private final LocalSubscribers subscribers;
  private final Peer[] peers;
  private final Map<String, Waiting> waiting = new HashMap<>();
  private final Map<String, Set<Waiting>> waitingByPrefix = new HashMap<>();
  private int holds;
  private int ticks;

  /**
   * @param prefixesMax how many prefixes are held at most, give or take those just wanted
   * @param partitions tells a partition
   */
  public static Behavior<Command> create(
      RouteCache cache,
      Partitioner partitioner,
      int prefixesMax,
      BiConsumer<Integer, TopicPartitionActor.Command> partitions) {
    // They outlive a restart: nobody else could tell them again.
    LocalSubscribers subscribers = new LocalSubscribers(partitioner);
    return Behaviors.supervise(
            Behaviors.<Command>setup(
                context ->
                    Behaviors.withTimers(
                        timers -> {
                          timers.startTimerWithFixedDelay(new Tick(), TICK);
                          context
                              .getSystem()
                              .receptionist()
                              .tell(Receptionist.register(KEY, context.getSelf()));
                          return new RouteCacheActor(
                              context, cache, partitioner, subscribers, prefixesMax, partitions);
                        })))
        .onFailure(Exception.class, SupervisorStrategy.restart());
  }

  private RouteCacheActor(
      ActorContext<Command> context,
      RouteCache cache,
      Partitioner partitioner,
      LocalSubscribers subscribers,
      int prefixesMax,
      BiConsumer<Integer, TopicPartitionActor.Command> partitions) {
    super(context);
    this.cache = cache;
    this.eviction = new PrefixEviction(cache, prefixesMax);
    this.partitions = partitions;
    this.subscribers = subscribers;
    this.peers = new Peer[partitioner.partitions()];
    for (int i = 0; i < peers.length; i++) {
      peers[i] = new Peer(i);
    }
    for (ActorRef<ClientSessionActor.Command> session : subscribers.sessions()) {
      context.watchWith(session, new SessionStopped(session));
    }
    for (int partition : subscribers.partitions()) {
      wake(peers[partition], now());
    }
  }

  @Override
  public Receive<Command> createReceive() {
    return ReceiveBuilder.<Command>create()
        .onMessage(FromPartition.class, this::onFromPartition)
        .onMessage(PartitionAcknowledged.class, this::onPartitionAcknowledged)
        .onMessage(Resolve.class, this::onResolve)
        .onMessage(Carry.class, this::onCarry)
        .onMessage(SessionStopped.class, this::onSessionStopped)
        .onMessage(Hello.class, this::onHello)
        .onMessage(Tick.class, this::onTick)
        .onSignal(PreRestart.class, signal -> stopped())
        .onSignal(PostStop.class, signal -> stopped())
        .build();
  }

  private Behavior<Command> onResolve(Resolve resolve) {
    String topic = resolve.topic();
    Waiting already = waiting.get(topic);
    if (already != null) {
      already.replyTo.add(resolve.replyTo());
      return this;
    }
    List<String> missing = cache.missing(topic);
    if (missing.isEmpty()) {
      resolve.replyTo().tell(new IngressActor.RouteReady(topic));
      return this;
    }
    if (!makeRoom(missing)) {
      return this;
    }
    Waiting wanted = new Waiting(topic);
    wanted.replyTo.add(resolve.replyTo());
    wanted.missing = missing.size();
    waiting.put(topic, wanted);
    for (String key : missing) {
      waitingByPrefix.computeIfAbsent(key, same -> new HashSet<>(2)).add(wanted);
      if (cache.get(key) == null) {
        CachedPrefix prefix = cache.hold(key, ++holds);
        eviction.held(prefix);
        offer(prefix.partition, key, new NodeRequest.Hold(key, prefix.holdId));
      }
    }
    return this;
  }

  private boolean makeRoom(List<String> keys) {
    if (eviction.hasRoom(keys)) {
      return true;
    }
    eviction.oldest(keys, prefix -> !waitingByPrefix.containsKey(prefix.key)).forEach(this::giveUp);
    return eviction.hasRoom(keys);
  }

  private Behavior<Command> onCarry(Carry carry) {
    ActorRef<ClientSessionActor.Command> session = carry.command().session();
    if (session != null && !subscribers.knows(session)) {
      getContext().watchWith(session, new SessionStopped(session));
    }
    carry(carry.command());
    return this;
  }

  private void carry(TopicPartitionActor.SubscriptionCommand command) {
    LocalSubscribers.Asked asked = subscribers.ask(command);
    OrderedLink<NodeRequest> link = peers[asked.partition()].link;
    asked.withdrawn().forEach(change -> link.withdraw(change.requestId()));
    offer(asked.partition(), asked.change().requestId(), asked.change());
  }

  private Behavior<Command> onSessionStopped(SessionStopped stopped) {
    subscribers.stopped(stopped.session()).forEach(this::carry);
    return this;
  }

  private Behavior<Command> onHello(Hello hello) {
    Peer peer = peers[hello.partition()];
    if (peer.incarnation == hello.incarnation()) {
      OrderedLink.Batch<NodeRequest> again = peer.link.repeat(now(), 0);
      if (again != null) {
        send(peer, again);
      }
      return this;
    }
    peer.incarnation = hello.incarnation();
    peer.received = 0;
    peer.link = Peer.newLink();
    for (CachedPrefix prefix : cache.all()) {
      if (prefix.partition == peer.partition) {
        peer.link.offer(prefix.key, new NodeRequest.Hold(prefix.key, prefix.holdId));
      }
    }
    for (LocalSubscribers.Entry entry : subscribers.of(peer.partition)) {
      if (entry.present != null) {
        peer.link.offer(entry, new NodeRequest.Present(entry.present));
      }
      entry.pending.forEach(change -> peer.link.offer(change.requestId(), change));
    }
    peer.link.offer(NodeRequest.Complete.class, new NodeRequest.Complete());
    sendNext(peer);
    return this;
  }

  private Behavior<Command> onFromPartition(FromPartition message) {
    Peer peer = peers[message.partition()];
    if (peer.incarnation != message.incarnation()) {
      // One of the two has started anew and the other has not heard.
      wake(peer, now());
      return this;
    }
    if (message.sequence() == peer.received + 1) {
      peer.received++;
      Set<CachedPrefix> loaded = new HashSet<>(4);
      Set<CachedPrefix> touched = new HashSet<>(4);
      for (PartitionUpdate update : message.updates()) {
        apply(update, loaded, touched);
      }
      touched.forEach(CachedPrefix::changed);
      cache.changed();
      loaded.forEach(prefix -> ready(prefix.key));
    }
    message
        .replyTo()
        .tell(
            new TopicPartitionActor.NodeAcknowledged(
                getContext().getSelf(), message.incarnation(), message.sequence()));
    return this;
  }

  private void apply(PartitionUpdate update, Set<CachedPrefix> loaded, Set<CachedPrefix> touched) {
    if (update instanceof PartitionUpdate.Changed changed) {
      CachedPrefix prefix = cache.get(Partitioner.key(changed.change().filter()));
      if (prefix != null) {
        prefix.apply(changed.change());
        touched.add(prefix);
      }
    } else if (update instanceof PartitionUpdate.Content content) {
      CachedPrefix prefix = cache.get(content.prefix());
      if (prefix != null && prefix.holdId == content.holdId() && prefix.load(content)) {
        loaded.add(prefix);
      }
    } else if (update instanceof PartitionUpdate.Done done) {
      subscribers.done(done).forEach(getContext()::unwatch);
    } else {
      throw new AssertionError(update);
    }
  }

  private void ready(String key) {
    Set<Waiting> topics = waitingByPrefix.remove(key);
    if (topics == null) {
      return;
    }
    for (Waiting topic : topics) {
      if (--topic.missing == 0) {
        waiting.remove(topic.topic);
        IngressActor.RouteReady answer = new IngressActor.RouteReady(topic.topic);
        topic.replyTo.forEach(each -> each.tell(answer));
      }
    }
  }

  private Behavior<Command> onPartitionAcknowledged(PartitionAcknowledged message) {
    Peer peer = peers[message.partition()];
    if (peer.incarnation == message.incarnation()) {
      peer.link.acknowledged(message.sequence());
      sendNext(peer);
    }
    return this;
  }

  private void offer(int partition, Object key, NodeRequest request) {
    Peer peer = peers[partition];
    if (peer.incarnation != 0) {
      peer.link.offer(key, request);
      sendNext(peer);
    } else {
      // All of it is told when the partition says hello.
      wake(peer, now());
    }
  }

  private void wake(Peer peer, long now) {
    if (now - peer.wokenAtMillis >= REPEAT_AFTER_MILLIS) {
      peer.wokenAtMillis = now;
      partitions.accept(
          peer.partition,
          new TopicPartitionActor.FromNode(getContext().getSelf(), peer.incarnation, 0, List.of()));
    }
  }

  private void sendNext(Peer peer) {
    OrderedLink.Batch<NodeRequest> batch = peer.link.next(now());
    if (batch != null) {
      send(peer, batch);
    }
  }

  private void send(Peer peer, OrderedLink.Batch<NodeRequest> batch) {
    partitions.accept(
        peer.partition,
        new TopicPartitionActor.FromNode(
            getContext().getSelf(), peer.incarnation, batch.sequence(), batch.items()));
  }

  private Behavior<Command> onTick(Tick tick) {
    long now = now();
    boolean[] awaited = new boolean[peers.length];
    for (String key : waitingByPrefix.keySet()) {
      CachedPrefix prefix = cache.get(key);
      if (prefix != null) {
        awaited[prefix.partition] = true;
      }
    }
    for (Peer peer : peers) {
      OrderedLink.Batch<NodeRequest> again = peer.link.repeat(now, REPEAT_AFTER_MILLIS);
      if (again != null) {
        send(peer, again);
      } else if (awaited[peer.partition] || subscribers.isPending(peer.partition)) {
        // Perhaps it is not running, or started without finding us.
        wake(peer, now);
      }
    }
    if (++ticks % TICKS_PER_SWEEP == 0 || eviction.isOverfull()) {
      evict();
    }
    return this;
  }

  private void evict() {
    for (CachedPrefix prefix : eviction.sweep()) {
      if (!waitingByPrefix.containsKey(prefix.key)) {
        giveUp(prefix);
      }
    }
  }

  private void giveUp(CachedPrefix prefix) {
    String key = prefix.key;
    eviction.givenUp(prefix);
    cache.giveUp(prefix);
    offer(prefix.partition, key, new NodeRequest.Release(key, prefix.holdId));
  }

  /** Event loops must not go on with copies that nobody keeps coherent; they ask again. */
  private Behavior<Command> stopped() {
    List.copyOf(cache.all()).forEach(cache::giveUp);
    for (Waiting topic : waiting.values()) {
      IngressActor.RouteReady answer = new IngressActor.RouteReady(topic.topic);
      topic.replyTo.forEach(each -> each.tell(answer));
    }
    return this;
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
