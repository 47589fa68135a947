package io.troupe.broker.routing;

import io.troupe.protocol.packet.Qos;
import java.util.List;

/**
 * Where the messages of one topic go; immutable, so that a caller may keep it while it handles one
 * socket read. Shared by all messages of the topic until a subscription that matches changes.
 */
public final class Route {
  private final CachedPrefix[] prefixes;
  private final int[] versions;
  private final List<Target> atMostOnce;
  private final List<Target> acknowledged;
  private final List<SharedTargets> sharedAtMostOnce;
  private final List<SharedTargets> sharedAcknowledged;
  private final int[] partitions;
  private final int weight;

  /** The number of changes to the cache up to which this was found current; races do no harm. */
  private long currentAt;

  /** Whether it was asked for since the last look. */
  private boolean used = true;

  Route(
      String topic, CachedPrefix[] prefixes, int[] versions, long currentAt, RouteBuilder builder) {
    this.prefixes = prefixes;
    this.versions = versions;
    this.currentAt = currentAt;
    this.atMostOnce = builder.targets(Qos.AT_MOST_ONCE);
    this.acknowledged = builder.targets(Qos.AT_LEAST_ONCE);
    this.sharedAtMostOnce = builder.shared(Qos.AT_MOST_ONCE);
    this.sharedAcknowledged = builder.shared(Qos.AT_LEAST_ONCE);
    this.partitions = builder.partitions();
    this.weight = weigh(topic);
  }

  /**
   * The sessions that get a message of this QoS directly, each once. QoS 0: all online subscribers.
   * QoS 1 and 2: the online subscribers without a queue; a session that also has a subscription
   * with a queue is left out, its queue delivers.
   */
  public List<Target> direct(Qos publishedQos) {
    return publishedQos == Qos.AT_MOST_ONCE ? atMostOnce : acknowledged;
  }

  /**
   * The shared subscriptions of which one online member each gets a message of this QoS directly:
   * all for QoS 0, those without a queue for QoS 1 and 2.
   */
  public List<SharedTargets> shared(Qos publishedQos) {
    return publishedQos == Qos.AT_MOST_ONCE ? sharedAtMostOnce : sharedAcknowledged;
  }

  /**
   * The partitions in which a matching filter has a durable queue, ascending: where messages of QoS
   * 1 and 2 are to be appended. Must not be written to.
   */
  public int[] partitions() {
    return partitions;
  }

  /** Whether nobody gets a message of this QoS. */
  public boolean isEmpty(Qos publishedQos) {
    return direct(publishedQos).isEmpty()
        && shared(publishedQos).isEmpty()
        && (publishedQos == Qos.AT_MOST_ONCE || partitions.length == 0);
  }

  /** About how much memory it takes: sessions it names, and as much for 32 bytes of its topic. */
  int weight() {
    return weight;
  }

  private int weigh(String topic) {
    int sum = 8 + atMostOnce.size() + prefixes.length + topic.length() / 32;
    for (SharedTargets group : sharedAtMostOnce) {
      sum += group.size();
    }
    return sum;
  }

  boolean isCurrent(long changes) {
    if (currentAt == changes) {
      return true;
    }
    if (!versionsStand()) {
      return false;
    }
    currentAt = changes;
    return true;
  }

  boolean versionsStand() {
    for (int i = 0; i < prefixes.length; i++) {
      if (prefixes[i].version != versions[i]) {
        return false;
      }
    }
    return true;
  }

  void use() {
    if (!used) {
      used = true;
    }
  }

  /** Whether it was asked for since this was last called; then its prefixes count as used. */
  boolean markIfUsed() {
    boolean was = used;
    used = false;
    if (was) {
      markUsed();
    }
    return was;
  }

  void markUsed() {
    for (CachedPrefix prefix : prefixes) {
      if (!prefix.used) {
        prefix.used = true;
      }
    }
  }
}
