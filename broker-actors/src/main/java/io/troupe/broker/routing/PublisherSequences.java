package io.troupe.broker.routing;

import io.troupe.broker.store.QueueLog.DedupKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which QoS 2 messages of which publishers are stored and not yet settled, so that a repetition is
 * not stored twice. Publishers seen lately are kept here, bounded; the store knows all.
 */
final class PublisherSequences {
  private static final int PUBLISHERS_MAX = 10_000;

  private static final class Known {
    final NavigableSet<Long> open = new TreeSet<>();

    /** Whether what the store had before is among them. */
    boolean complete;
  }

  private final int partition;
  private final Map<String, Known> publishers = new LinkedHashMap<>(16, 0.75f, true);

  PublisherSequences(int partition) {
    this.partition = partition;
  }

  /** Whether everything the store has of a publisher is known here. */
  boolean isComplete(String publisher) {
    Known known = publishers.get(publisher);
    return known != null && known.complete;
  }

  boolean isKnown(String publisher) {
    return publishers.containsKey(publisher);
  }

  void loaded(String publisher, Set<Long> stored) {
    Known known = get(publisher);
    known.open.addAll(stored);
    known.complete = true;
  }

  boolean contains(String publisher, long sequence) {
    Known known = publishers.get(publisher);
    return known != null && known.open.contains(sequence);
  }

  /** Notes a message that is about to be stored; {@link #forget} if it fails. */
  void add(String publisher, long sequence) {
    get(publisher).open.add(sequence);
  }

  /** Takes out what is settled, to be forgotten by the store too. */
  List<DedupKey> settled(String publisher, long below) {
    Known known = publishers.get(publisher);
    if (known == null || known.open.isEmpty() || known.open.first() >= below) {
      return List.of();
    }
    List<DedupKey> settled = new ArrayList<>();
    NavigableSet<Long> head = known.open.headSet(below, false);
    head.forEach(sequence -> settled.add(new DedupKey(partition, publisher, sequence)));
    head.clear();
    return settled;
  }

  /** Only the store knows about this publisher now. */
  void forget(String publisher) {
    publishers.remove(publisher);
  }

  private Known get(String publisher) {
    @Nullable Known known = publishers.get(publisher);
    if (known == null) {
      known = new Known();
      publishers.put(publisher, known);
      if (publishers.size() > PUBLISHERS_MAX) {
        publishers.remove(publishers.keySet().iterator().next());
      }
    }
    return known;
  }
}
