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

    /** What was asked and is not done, or null. */
    TopicPartitionActor.@Nullable SubscriptionCommand pending;

    /** Of {@link #pending}. */
    long requestId;

    Entry(int partition, String filter, String clientId) {
      this.partition = partition;
      this.filter = filter;
      this.clientId = clientId;
    }
  }

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
   * Notes what a session asks.
   *
   * @return the entry, with a new request pending
   */
  Entry ask(TopicPartitionActor.SubscriptionCommand command) {
    Key key = new Key(command.clientId(), command.filter());
    Entry entry = entries.get(key);
    if (entry == null) {
      entry =
          new Entry(
              partitioner.partition(command.topicFilter()), command.filter(), command.clientId());
      entries.put(key, entry);
    }
    if (entry.pending == null) {
      pendingByPartition[entry.partition]++;
    }
    entry.pending = command;
    entry.requestId = ++requests;
    ActorRef<ClientSessionActor.Command> session = command.session();
    if (session != null) {
      sessions.merge(session, Set.of(key), LocalSubscribers::both);
    }
    return entry;
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
   * Notes that a request is done, unless another one has taken its place.
   *
   * @return the session that has no subscription here any more, if that is so now
   */
  @Nullable ActorRef<ClientSessionActor.Command> done(PartitionUpdate.Done done) {
    Key key = new Key(done.clientId(), done.filter());
    Entry entry = entries.get(key);
    if (entry == null || entry.pending == null || entry.requestId != done.requestId()) {
      return null;
    }
    pendingByPartition[entry.partition]--;
    ActorRef<ClientSessionActor.Command> before =
        entry.present == null ? entry.pending.session() : entry.present.session();
    ActorRef<ClientSessionActor.Command> after = null;
    if (entry.pending instanceof TopicPartitionActor.Subscribe subscribe
        && subscribe.session() != null) {
      entry.present = subscribe.subscriber();
      entry.pending = null;
      after = subscribe.session();
    } else {
      entries.remove(key);
    }
    return before == null || before.equals(after) ? null : release(before, key);
  }

  private @Nullable ActorRef<ClientSessionActor.Command> release(
      ActorRef<ClientSessionActor.Command> session, Key key) {
    Set<Key> keys = sessions.get(session);
    if (keys == null) {
      return null;
    }
    if (keys.size() > 1) {
      keys.remove(key);
      return null;
    }
    if (!keys.contains(key)) {
      return null;
    }
    sessions.remove(session);
    return session;
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
    if (entry.pending != null) {
      return session.equals(entry.pending.session());
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
