package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A partition's links with the nodes: which node holds which prefix, what it is still to be told,
 * and who waits for that.
 *
 * <p>{@link #isReady} becomes true when every node of the cluster has told what it held and which
 * subscribers it had before this incarnation; until then nothing is told and nothing changes.
 */
final class NodeLinks {
  /** Bytes, about; one more item may come on top. */
  static final int BATCH_WEIGHT_MAX = 64 * 1024;

  private static final int CONTENT_WEIGHT_MAX = 32 * 1024;
  private static final long REPEAT_AFTER_MILLIS = 1_000;

  /** Something that waits until all nodes have confirmed it. */
  static final class Confirmation {
    private final Runnable done;
    private int open = 1;

    Confirmation(Runnable done) {
      this.done = done;
    }

    private void count(int by) {
      open += by;
      if (open == 0) {
        done.run();
      }
    }
  }

  private record Told(PartitionUpdate update, List<Confirmation> confirmations) {}

  private static final class Node {
    final ActorRef<RouteCacheActor.Command> ref;

    /** Of this link: another one whenever it begins anew. */
    final long incarnation = newIncarnation();

    final Map<String, Integer> held = new HashMap<>();
    final OrderedLink<Told> link =
        new OrderedLink<>(BATCH_WEIGHT_MAX, told -> told.update().weight());
    long received;
    boolean complete;

    Node(ActorRef<RouteCacheActor.Command> ref) {
      this.ref = ref;
    }
  }

  private final int partition;
  private final ActorRef<TopicPartitionActor.Command> self;

  /** Hands over all that a node must know of a prefix. */
  private final BiConsumer<String, Consumer<RouteChange>> contents;

  private final Map<ActorRef<RouteCacheActor.Command>, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Set<Node>> holders = new HashMap<>();
  private boolean allKnown;
  private boolean ready;

  NodeLinks(
      int partition,
      ActorRef<TopicPartitionActor.Command> self,
      BiConsumer<String, Consumer<RouteChange>> contents) {
    this.partition = partition;
    this.self = self;
    this.contents = contents;
  }

  boolean isReady() {
    return ready;
  }

  /**
   * The nodes of the cluster have changed.
   *
   * @param complete whether each member of the cluster is among them
   * @return those that are gone
   */
  Set<ActorRef<RouteCacheActor.Command>> nodes(
      Collection<ActorRef<RouteCacheActor.Command>> now, boolean complete) {
    Set<ActorRef<RouteCacheActor.Command>> gone = new HashSet<>(nodes.keySet());
    gone.removeAll(Set.copyOf(now));
    gone.forEach(ref -> remove(nodes.get(ref)));
    for (ActorRef<RouteCacheActor.Command> ref : now) {
      if (!nodes.containsKey(ref)) {
        Node node = new Node(ref);
        nodes.put(ref, node);
        ref.tell(new RouteCacheActor.Hello(partition, node.incarnation));
      }
    }
    allKnown = complete;
    return gone;
  }

  private void remove(@Nullable Node node) {
    if (node == null) {
      return;
    }
    nodes.remove(node.ref);
    node.held.keySet().forEach(prefix -> forgetHolder(prefix, node));
    node.link.open().forEach(NodeLinks::confirm);
  }

  private void forgetHolder(String prefix, Node node) {
    Set<Node> set = holders.get(prefix);
    if (set != null && set.remove(node) && set.isEmpty()) {
      holders.remove(prefix);
    }
  }

  private static void confirm(Told told) {
    told.confirmations().forEach(confirmation -> confirmation.count(-1));
  }

  /**
   * Takes a node's message and acknowledges it.
   *
   * @return what is new in it; empty for a repetition or another incarnation
   */
  List<NodeRequest> receive(TopicPartitionActor.FromNode message) {
    Node node = nodes.get(message.node());
    if (node == null) {
      // It will be greeted as soon as it is known to be a node.
      return List.of();
    }
    if (message.incarnation() == 0 && node.received > 0) {
      // Its actor has started anew and knows nothing of this link.
      remove(node);
      node = new Node(message.node());
      nodes.put(message.node(), node);
    }
    if (message.incarnation() != node.incarnation) {
      message.node().tell(new RouteCacheActor.Hello(partition, node.incarnation));
      return List.of();
    }
    boolean fresh = message.sequence() == node.received + 1;
    if (fresh) {
      node.received++;
    }
    message
        .node()
        .tell(
            new RouteCacheActor.PartitionAcknowledged(
                partition, node.incarnation, message.sequence()));
    return fresh ? message.requests() : List.of();
  }

  /** The node has told all it had before. */
  void complete(ActorRef<RouteCacheActor.Command> ref) {
    Node node = nodes.get(ref);
    if (node != null) {
      node.complete = true;
    }
  }

  /** Whether this incarnation may begin to change and to tell; true once. */
  boolean becomesReady() {
    if (ready || !allKnown || nodes.values().stream().anyMatch(node -> !node.complete)) {
      return false;
    }
    ready = true;
    for (Node node : List.copyOf(nodes.values())) {
      node.held.forEach((prefix, holdId) -> tellContent(node, prefix, holdId));
      flush(node);
    }
    return true;
  }

  void hold(ActorRef<RouteCacheActor.Command> ref, NodeRequest.Hold hold) {
    Node node = nodes.get(ref);
    if (node == null) {
      return;
    }
    node.held.put(hold.prefix(), hold.holdId());
    holders.computeIfAbsent(hold.prefix(), prefix -> new HashSet<>(2)).add(node);
    if (ready) {
      tellContent(node, hold.prefix(), hold.holdId());
      flush(node);
    }
  }

  void release(ActorRef<RouteCacheActor.Command> ref, NodeRequest.Release release) {
    Node node = nodes.get(ref);
    if (node != null && node.held.remove(release.prefix(), release.holdId())) {
      forgetHolder(release.prefix(), node);
    }
  }

  private void tellContent(Node node, String prefix, int holdId) {
    List<RouteChange> changes = new ArrayList<>();
    contents.accept(prefix, changes::add);
    int from = 0;
    do {
      int to = from;
      int weight = 0;
      while (to < changes.size() && weight < CONTENT_WEIGHT_MAX) {
        weight += changes.get(to++).weight();
      }
      PartitionUpdate.Content content =
          new PartitionUpdate.Content(
              prefix,
              holdId,
              List.copyOf(changes.subList(from, to)),
              from == 0,
              to == changes.size());
      node.link.offer(new Object(), new Told(content, List.of()));
      from = to;
    } while (from < changes.size());
  }

  /**
   * Tells a change to all holders of its prefix.
   *
   * @param done runs when all of them have confirmed it; now, if there is none
   */
  void tell(RouteChange change, Runnable done) {
    Confirmation confirmation = new Confirmation(done);
    Set<Node> set = holders.get(Partitioner.key(change.filter()));
    if (set != null) {
      record Key(String filter, String clientId) {}
      Key key = new Key(change.filter().text(), change.clientId());
      for (Node node : set) {
        List<Confirmation> confirmations = List.of(confirmation);
        Told replaced = node.link.withdraw(key);
        if (replaced != null) {
          confirmations = new ArrayList<>(replaced.confirmations());
          confirmations.add(confirmation);
        }
        confirmation.count(1);
        node.link.offer(key, new Told(new PartitionUpdate.Changed(change), confirmations));
      }
    }
    confirmation.count(-1);
  }

  /** Tells a node that a request is done. */
  void tellDone(@Nullable ActorRef<RouteCacheActor.Command> ref, PartitionUpdate.Done done) {
    Node node = ref == null ? null : nodes.get(ref);
    if (node != null) {
      node.link.offer(done, new Told(done, List.of()));
    }
  }

  void acknowledged(TopicPartitionActor.NodeAcknowledged message) {
    Node node = nodes.get(message.node());
    if (node != null && message.incarnation() == node.incarnation) {
      node.link.acknowledged(message.sequence()).forEach(NodeLinks::confirm);
      flush(node);
    }
  }

  /** Sends what waits, to all nodes. */
  void flush() {
    nodes.values().forEach(this::flush);
  }

  private void flush(Node node) {
    if (ready) {
      OrderedLink.Batch<Told> batch = node.link.next(now());
      if (batch != null) {
        send(node, batch);
      }
    }
  }

  /** Repeats what was not answered. */
  void tick() {
    for (Node node : nodes.values()) {
      OrderedLink.Batch<Told> again = node.link.repeat(now(), REPEAT_AFTER_MILLIS);
      if (again != null) {
        send(node, again);
      } else if (!node.complete) {
        node.ref.tell(new RouteCacheActor.Hello(partition, node.incarnation));
      }
    }
  }

  private void send(Node node, OrderedLink.Batch<Told> batch) {
    node.ref.tell(
        new RouteCacheActor.FromPartition(
            partition,
            node.incarnation,
            batch.sequence(),
            batch.items().stream().map(Told::update).toList(),
            self));
  }

  private static long newIncarnation() {
    return ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
  }

  private static long now() {
    return System.nanoTime() / 1_000_000;
  }
}
