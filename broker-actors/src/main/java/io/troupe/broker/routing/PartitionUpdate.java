package io.troupe.broker.routing;

import java.util.List;

/** What a partition tells a node's {@link RouteCacheActor}, in order and without loss. */
public sealed interface PartitionUpdate {
  /** About how many bytes it takes between nodes. */
  int weight();

  /**
   * A part of what is under a prefix the node holds.
   *
   * @param first whether this begins the content anew
   * @param last whether the content is complete with this and replaces what was there
   */
  record Content(String prefix, int holdId, List<RouteChange> filters, boolean first, boolean last)
      implements PartitionUpdate {
    @Override
    public int weight() {
      int weight = 16 + prefix.length();
      for (RouteChange change : filters) {
        weight += change.weight();
      }
      return weight;
    }
  }

  /** Something has changed under a prefix the node holds, or may still hold. */
  record Changed(RouteChange change) implements PartitionUpdate {
    @Override
    public int weight() {
      return change.weight();
    }
  }

  /** What a session of the node asked for is done, or need not be repeated. */
  record Done(String filter, String clientId, long requestId) implements PartitionUpdate {
    @Override
    public int weight() {
      return 16 + filter.length() + clientId.length();
    }
  }
}
