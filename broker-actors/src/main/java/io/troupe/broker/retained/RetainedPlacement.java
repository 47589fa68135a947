package io.troupe.broker.retained;

import io.troupe.broker.serialization.StableHash;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;

/**
 * Places topics in partitions by their first levels, so that a filter that names these levels
 * literally, such as {@code device/7/#}, has all its matches in one partition. A filter that does
 * not asks every partition, one after the other.
 *
 * @param partitions how many there are, fixed for the life of a cluster
 * @param prefixLevels how many levels decide, fixed as well
 */
record RetainedPlacement(int partitions, int prefixLevels) {

  RetainedPlacement {
    if (partitions < 1 || prefixLevels < 1) {
      throw new IllegalArgumentException(partitions + " partitions by " + prefixLevels);
    }
  }

  int partition(String topic) {
    return StableHash.partition(TopicName.prefix(topic, prefixLevels), partitions);
  }

  /** The partition to ask first. */
  int first(TopicFilter filter) {
    return hasOnePartition(filter) ? partition(filter.filter()) : 0;
  }

  /** The partition to ask after this one, or -1: that was the last. */
  int next(TopicFilter filter, int partition) {
    return hasOnePartition(filter) || partition + 1 >= partitions ? -1 : partition + 1;
  }

  private boolean hasOnePartition(TopicFilter filter) {
    return !filter.hasWildcard() || filter.prefixLevels() >= prefixLevels;
  }
}
