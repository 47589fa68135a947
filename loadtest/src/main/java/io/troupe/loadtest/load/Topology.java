package io.troupe.loadtest.load;

import java.util.ArrayList;
import java.util.List;

/**
 * Who publishes where and who subscribes to what.
 *
 * @param topics of each publisher
 * @param copies how many subscribers get each message of that publisher
 * @param filters of each subscriber
 * @param comeAndGo whether subscribers connect {@value #COME_AND_GO} at a time and leave
 * @param gapsAreLoss whether a subscriber gets every message of the publishers it hears; not so in
 *     a share group
 */
record Topology(
    List<String> topics,
    List<Integer> copies,
    List<String> filters,
    boolean comeAndGo,
    boolean gapsAreLoss) {
  static final int COME_AND_GO = 5_000;

  Topology {
    topics = List.copyOf(topics);
    copies = List.copyOf(copies);
    filters = List.copyOf(filters);
  }

  static Topology of(LoadPlan plan) {
    Builder builder = new Builder("troupe-load/");
    int publishers = plan.publishers();
    int subscribers = plan.subscribers();
    switch (plan.scenario()) {
      case FAN_IN -> builder.fanIn(publishers, subscribers, plan.shared());
      case FAN_OUT -> builder.fanOut(publishers, subscribers);
      case PAIRS, PERSISTENT -> builder.pairs(publishers);
      case OFFLINE -> builder.oneFilter(publishers, subscribers);
      case RECOVERY -> builder.fewFilters(publishers, subscribers);
      case STORM, IDLE -> builder.listeners(subscribers);
      case MIXED -> {
        int fanOut = Math.max(1, publishers / 10);
        int fanIn = Math.max(1, publishers * 3 / 10);
        builder.pairs(Math.max(1, publishers - fanOut - fanIn));
        builder.fanIn(fanIn, Math.max(1, fanIn / 10), plan.shared());
        builder.fanOut(fanOut, Math.max(1, subscribers / 10));
      }
    }
    return builder.build(plan.scenario() == Scenario.RECOVERY, !plan.shared());
  }

  /** How many connections there are at once. */
  int clients() {
    int subscribers = comeAndGo ? Math.min(COME_AND_GO, filters.size()) : filters.size();
    return topics.size() + subscribers;
  }

  private static final class Builder {
    private final String root;
    private final List<String> topics = new ArrayList<>();
    private final List<Integer> copies = new ArrayList<>();
    private final List<String> filters = new ArrayList<>();

    Builder(String root) {
      this.root = root;
    }

    void pairs(int count) {
      for (int i = 0; i < count; i++) {
        publisher("pair/" + i, 1);
        filters.add(root + "pair/" + i);
      }
    }

    void fanIn(int publishers, int subscribers, boolean shared) {
      for (int i = 0; i < publishers; i++) {
        publisher("in/" + i % subscribers + "/" + i, 1);
      }
      for (int i = 0; i < subscribers; i++) {
        filters.add(shared ? "$share/load/" + root + "in/#" : root + "in/" + i + "/#");
      }
    }

    void fanOut(int publishers, int subscribers) {
      for (int i = 0; i < publishers; i++) {
        publisher("out/" + i, subscribers);
      }
      for (int i = 0; i < subscribers; i++) {
        filters.add(root + "out/+");
      }
    }

    /** Only one subscriber ever comes back, so a message is delivered once. */
    void oneFilter(int publishers, int subscribers) {
      for (int i = 0; i < publishers; i++) {
        publisher("offline/" + i, 1);
      }
      for (int i = 0; i < subscribers; i++) {
        filters.add(root + "offline/+");
      }
    }

    /** Nobody acknowledges anything, so nothing counts as delivered. */
    void fewFilters(int publishers, int subscribers) {
      for (int i = 0; i < publishers; i++) {
        publisher("recovery/" + i, 0);
      }
      for (int i = 0; i < subscribers; i++) {
        filters.add(root + "recovery/" + i % publishers);
      }
    }

    void listeners(int count) {
      for (int i = 0; i < count; i++) {
        filters.add(root + "idle/" + i);
      }
    }

    private void publisher(String topic, int copiesEach) {
      topics.add(root + topic);
      copies.add(copiesEach);
    }

    Topology build(boolean comeAndGo, boolean gapsAreLoss) {
      return new Topology(topics, copies, filters, comeAndGo, gapsAreLoss);
    }
  }
}
