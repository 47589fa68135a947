package io.troupe.broker.routing;

/** What a node's {@link RouteCacheActor} tells a partition, in order and without loss. */
public sealed interface NodeRequest {
  /** About how many bytes it takes between nodes; an actor reference is about a hundred. */
  default int weight() {
    return 16;
  }

  /**
   * The node wants the filters under a prefix and all later changes to them.
   *
   * @param holdId the node's number for this wish, ascending
   */
  record Hold(String prefix, int holdId) implements NodeRequest {
    @Override
    public int weight() {
      return 16 + prefix.length();
    }
  }

  /** The node does not want a prefix any more. */
  record Release(String prefix, int holdId) implements NodeRequest {
    @Override
    public int weight() {
      return 16 + prefix.length();
    }
  }

  /**
   * A session of the node subscribes, unsubscribes or goes offline.
   *
   * @param requestId for {@link PartitionUpdate.Done}
   */
  record Change(long requestId, TopicPartitionActor.SubscriptionCommand command)
      implements NodeRequest {
    @Override
    public int weight() {
      return 256 + command.filter().length() + command.clientId().length();
    }
  }

  /** A subscriber of the node's sessions that was effective before the partition started anew. */
  record Present(Subscriber subscriber) implements NodeRequest {
    @Override
    public int weight() {
      return 128
          + subscriber.subscription().filter().text().length()
          + subscriber.clientId().length();
    }
  }

  /** The partition has been told all that this node held and had when it started anew. */
  record Complete() implements NodeRequest {}
}
