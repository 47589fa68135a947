package io.troupe.broker.routing;

/** How sessions and connections reach the topic partitions; safe on any thread. */
public interface Partitions {
  /** Tells the partition of the command's filter. */
  void tell(TopicPartitionActor.FilterCommand command);

  /** Tells a partition that {@link Route#partitions} named. */
  void append(int partition, TopicPartitionActor.Append append);
}
