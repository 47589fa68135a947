package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.session.ClientSessionActor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of this node's attached sessions, by session: what a partition that starts anew
 * is told, and what is repeated until it is done.
 */
final class LocalSubscribers {
  /** One session's subscription to one filter. */
  static final class Entry {
    final int partition;
    final String filter;
    final String clientId;

    /** What is effective for the partition, if anything. */
    @Nullable Subscriber present;

    /** What was asked and is not done, in order. */
    List<NodeRequest.Change> pending = List.of();

    Entry(int partition, String filter, String clientId) {
      this.partition = partition;
      this.filter = filter;
      this.clientId = clientId;
    }

    private int indexOf(long requestId) {
      for (int i = 0; i < pending.size(); i++) {
        if (pending.get(i).requestId() == requestId) {
          return i;
        }
      }
      return -1;
    }

    /** Those that it is about: one, or two after a takeover. */
    private Set<ActorRef<ClientSessionActor.Command>> sessions() {
      Set<ActorRef<ClientSessionActor.Command>> all = new HashSet<>(2);
      if (present != null && present.session() != null) {
        all.add(present.session());
      }
      for (NodeRequest.Change change : pending) {
        ActorRef<ClientSessionActor.Command> session = change.command().session();
        if (session != null) {
          all.add(session);
        }
      }
      return all;
    }
  }

  /**
   * A request that is to be carried.
   *
   * @param withdrawn earlier ones that need not be carried any more
   */
  record Asked(int partition, NodeRequest.Change change, List<NodeRequest.Change> withdrawn) {}

  private record Key(String clientId, String filter) {
    /**
     * Filters often end like the client identifier: the usual 31 would add up to multiples of 32,
     * and most entries of the map would meet in a few places.
     */
    @Override
    public int hashCode() {
      return clientId.hashCode() * 0x9E3779B9 + filter.hashCode();
    }
  }

  /**
   * How many requests of a session and filter are kept for a partition that does not answer; beyond
   * this the oldest goes, and its session gives up waiting by itself.
   */
  private static final int PENDING_MAX = 16;

  private final Partitioner partitioner;
  private final Map<Key, Entry> entries = new HashMap<>();
  private final Map<ActorRef<ClientSessionActor.Command>, Set<Key>> sessions = new HashMap<>();
  private final int[] pendingByPartition;
  private long requests;

  LocalSubscribers(Partitioner partitioner) {
    this.partitioner = partitioner;
    this.pendingByPartition = new int[partitioner.partitions()];
  }

  /**
   * Notes what a session asks. What was asked before stays, since an answer is awaited; only for an
   * Offline that Unsubscribe or the same again follows nobody waits.
   */
  Asked ask(TopicPartitionActor.SubscriptionCommand command) {
    Key key = new Key(command.clientId(), command.filter());
    Entry entry = entries.get(key);
    if (entry == null) {
      entry =
          new Entry(
              partitioner.partition(command.topicFilter()), command.filter(), command.clientId());
      entries.put(key, entry);
    }
    List<NodeRequest.Change> kept = new ArrayList<>(1);
    List<NodeRequest.Change> withdrawn = new ArrayList<>(0);
    for (NodeRequest.Change change : entry.pending) {
      (isSuperfluous(change.command(), command) ? withdrawn : kept).add(change);
    }
    if (kept.size() == PENDING_MAX) {
      withdrawn.add(kept.remove(0));
    }
    NodeRequest.Change change = new NodeRequest.Change(++requests, command);
    kept.add(change);
    pendingByPartition[entry.partition] += kept.size() - entry.pending.size();
    entry.pending = kept;
    ActorRef<ClientSessionActor.Command> session = command.session();
    if (session != null) {
      sessions.merge(session, Set.of(key), LocalSubscribers::both);
    }
    return new Asked(entry.partition, change, withdrawn);
  }

  /**
   * An Offline that a Subscribe follows is not: what a share group has assigned to the connection
   * before goes to others only if the partition hears of both.
   */
  private static boolean isSuperfluous(
      TopicPartitionActor.SubscriptionCommand before,
      TopicPartitionActor.SubscriptionCommand command) {
    return before instanceof TopicPartitionActor.Offline
        && (command instanceof TopicPartitionActor.Unsubscribe || before.equals(command));
  }

  /** A session with one subscription, as most have, costs no map; one with more gets one. */
  private static Set<Key> both(Set<Key> known, Set<Key> one) {
    if (known.containsAll(one)) {
      return known;
    }
    Set<Key> keys = known instanceof HashSet ? known : new HashSet<>(known);
    keys.addAll(one);
    return keys;
  }

  Set<ActorRef<ClientSessionActor.Command>> sessions() {
    return Set.copyOf(sessions.keySet());
  }

  /** The partitions that any subscription here belongs to. */
  Set<Integer> partitions() {
    Set<Integer> partitions = new HashSet<>();
    entries.values().forEach(entry -> partitions.add(entry.partition));
    return partitions;
  }

  boolean knows(ActorRef<ClientSessionActor.Command> session) {
    return sessions.containsKey(session);
  }

  /**
   * Notes that a request is done, and with it those before.
   *
   * @return sessions that have no subscription here any more
   */
  Set<ActorRef<ClientSessionActor.Command>> done(PartitionUpdate.Done done) {
    Key key = new Key(done.clientId(), done.filter());
    Entry entry = entries.get(key);
    int index = entry == null ? -1 : entry.indexOf(done.requestId());
    if (entry == null || index < 0) {
      return Set.of();
    }
    Set<ActorRef<ClientSessionActor.Command>> released = entry.sessions();
    entry.present =
        entry.pending.get(index).command() instanceof TopicPartitionActor.Subscribe subscribe
                && subscribe.session() != null
            ? subscribe.subscriber()
            : null;
    entry.pending = List.copyOf(entry.pending.subList(index + 1, entry.pending.size()));
    pendingByPartition[entry.partition] -= index + 1;
    if (entry.present == null && entry.pending.isEmpty()) {
      entries.remove(key);
    }
    released.removeAll(entry.sessions());
    released.removeIf(session -> !release(session, key));
    return released;
  }

  /** Whether the session has nothing here without this. */
  private boolean release(ActorRef<ClientSessionActor.Command> session, Key key) {
    Set<Key> keys = sessions.get(session);
    if (keys == null || !keys.contains(key)) {
      return false;
    }
    if (keys.size() > 1) {
      keys.remove(key);
      return false;
    }
    sessions.remove(session);
    return true;
  }

  /** The session is no more: what it still has here, to be taken offline. */
  List<TopicPartitionActor.Offline> stopped(ActorRef<ClientSessionActor.Command> session) {
    List<TopicPartitionActor.Offline> offline = new ArrayList<>();
    Set<Key> keys = sessions.remove(session);
    if (keys == null) {
      return offline;
    }
    for (Key key : keys) {
      Entry entry = entries.get(key);
      if (entry != null && isFor(entry, session)) {
        offline.add(new TopicPartitionActor.Offline(key.filter(), key.clientId(), session));
      }
    }
    return offline;
  }

  private static boolean isFor(Entry entry, ActorRef<ClientSessionActor.Command> session) {
    if (!entry.pending.isEmpty()) {
      NodeRequest.Change last = entry.pending.get(entry.pending.size() - 1);
      return session.equals(last.command().session());
    }
    return entry.present != null && session.equals(entry.present.session());
  }

  List<Entry> of(int partition) {
    List<Entry> found = new ArrayList<>();
    for (Entry entry : entries.values()) {
      if (entry.partition == partition) {
        found.add(entry);
      }
    }
    return found;
  }

  /** Whether something asked of this partition is not done. */
  boolean isPending(int partition) {
    return pendingByPartition[partition] > 0;
  }
}
