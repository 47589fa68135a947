package io.troupe.broker.routing;

import io.troupe.broker.serialization.StableHash;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;
import java.util.ArrayList;
import java.util.List;

/**
 * Places each topic filter in one partition, by its literal prefix.
 *
 * <p>A prefix is written as a <em>key</em>: its text, except that the prefix of zero levels (that
 * of {@code #} and {@code +/x}) is {@link #ROOT}, which is not the prefix of one empty level (that
 * of {@code /+}), the empty text. Prefixes count {@link #PREFIX_LEVELS_MAX} levels at most; a
 * filter with a longer one is placed by that many. So a topic matches only filters under its first
 * {@code min(levels, PREFIX_LEVELS_MAX) + 1} prefixes.
 *
 * <p>Placement is by {@link StableHash}: the same on every node, in every version, for the life of
 * a cluster.
 */
public final class Partitioner {
  /** The key of the prefix of zero levels; no other prefix contains a wildcard. */
  public static final String ROOT = "#";

  /** Levels beyond these do not count for placement. */
  public static final int PREFIX_LEVELS_MAX = 128;

  private final int partitions;

  /**
   * @param partitions how many there are, fixed for the life of a cluster
   */
  public Partitioner(int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException("partitions: " + partitions);
    }
    this.partitions = partitions;
  }

  public int partitions() {
    return partitions;
  }

  /** The partition of a filter, shared or not. */
  public int partition(TopicFilter filter) {
    return partition(key(filter));
  }

  /** The partition of a prefix. */
  public int partition(String key) {
    return StableHash.partition(key, partitions);
  }

  /** The key of a filter's literal prefix. */
  public static String key(TopicFilter filter) {
    int levels = Math.min(filter.prefixLevels(), PREFIX_LEVELS_MAX);
    return levels == 0 ? ROOT : TopicName.prefix(filter.filter(), levels);
  }

  /**
   * The keys of the prefixes under which a filter can match a topic, shortest first. {@link #ROOT}
   * is not among those of a topic that begins with {@code $} (MQTT-4.7.2-1).
   */
  static List<String> keys(String topic) {
    List<String> keys = new ArrayList<>();
    if (!topic.startsWith("$")) {
      keys.add(ROOT);
    }
    int end = -1;
    for (int level = 1; level <= PREFIX_LEVELS_MAX; level++) {
      end = topic.indexOf('/', end + 1);
      if (end < 0) {
        keys.add(topic);
        break;
      }
      keys.add(topic.substring(0, end));
    }
    return keys;
  }
}
