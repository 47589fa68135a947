package io.troupe.broker.routing;

import io.troupe.broker.config.SharedStrategy;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The online members of one shared subscription, of which one gets a message without a queue. */
public final class SharedTargets {
  private final List<Target> members;
  private final AtomicInteger turn;

  SharedTargets(List<Target> members, AtomicInteger turn) {
    this.members = members;
    this.turn = turn;
  }

  int size() {
    return members.size();
  }

  /**
   * Chooses the member for a message; each call counts as a message. Safe on any thread.
   *
   * @return null if no member is online
   */
  public @Nullable Target pick(SharedStrategy strategy, String publisher, String topic) {
    int size = members.size();
    if (size == 0) {
      return null;
    }
    int index =
        switch (strategy) {
          case ROUND_ROBIN, LEAST_IN_FLIGHT -> turn.getAndIncrement();
          case RANDOM -> ThreadLocalRandom.current().nextInt(size);
          case STICKY -> turn.get();
          case HASH_CLIENT -> publisher.hashCode();
          case HASH_TOPIC -> topic.hashCode();
        };
    return members.get(Math.floorMod(index, size));
  }
}
