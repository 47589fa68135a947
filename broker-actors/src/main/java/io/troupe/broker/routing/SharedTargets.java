package io.troupe.broker.routing;

import io.troupe.broker.config.SharedStrategies;
import io.troupe.broker.config.SharedStrategy;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The online members of one shared subscription, of which one gets a message without a queue. */
public final class SharedTargets {
  private final List<Target> members;
  private final CachedFilter.Group group;

  /** Found with the first message; races do no harm. */
  private @Nullable SharedStrategy strategy;

  private @Nullable Target sticky;

  /**
   * @param members one or more
   */
  SharedTargets(List<Target> members, CachedFilter.Group group) {
    this.members = members;
    this.group = group;
  }

  int size() {
    return members.size();
  }

  /** Chooses the member for a message; each call counts as a message. Safe on any thread. */
  public Target pick(SharedStrategies strategies, String publisher, String topic) {
    SharedStrategy by = strategy;
    if (by == null) {
      by = strategies.of(group.filter);
      strategy = by;
    }
    int size = members.size();
    return switch (by) {
      case ROUND_ROBIN, LEAST_IN_FLIGHT ->
          members.get(Math.floorMod(group.turn.getAndIncrement(), size));
      case RANDOM -> members.get(ThreadLocalRandom.current().nextInt(size));
      case STICKY -> sticky();
      case HASH_CLIENT -> owner(publisher);
      case HASH_TOPIC -> owner(topic);
    };
  }

  /** Others may have come meanwhile: the group remembers which it was. */
  private Target sticky() {
    Target found = sticky;
    if (found == null) {
      String before = group.sticky;
      found = members.get(0);
      for (Target member : members) {
        found = member.clientId().equals(before) ? member : found;
      }
      group.sticky = found.clientId();
      sticky = found;
    }
    return found;
  }

  private Target owner(String key) {
    Target owner = members.get(0);
    int greatest = MemberHash.weight(owner.clientId(), key);
    for (int i = 1; i < members.size(); i++) {
      int weight = MemberHash.weight(members.get(i).clientId(), key);
      if (weight > greatest) {
        greatest = weight;
        owner = members.get(i);
      }
    }
    return owner;
  }
}
