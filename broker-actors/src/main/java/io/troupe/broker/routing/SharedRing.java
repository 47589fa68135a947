package io.troupe.broker.routing;

import io.troupe.broker.config.SharedStrategy;
import io.troupe.broker.routing.SharedGroup.Member;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The online members of a share group in the order they came, and whose turn it is. */
final class SharedRing {
  private final List<Member> members = new ArrayList<>();
  private int turn;

  List<Member> members() {
    return members;
  }

  void add(Member member) {
    members.add(member);
  }

  /** The turn stays with the member that had it, as long as that is there. */
  void remove(Member member) {
    int size = members.size();
    int index = members.indexOf(member);
    int at = Math.floorMod(turn, size);
    turn = index < at ? at - 1 : at;
    members.remove(index);
  }

  /**
   * Where the strategy names one member, the message waits for that one; otherwise it goes to the
   * next that has credit.
   *
   * @param from some of the members, at least one
   */
  @Nullable Member choose(
      SharedStrategy strategy, QueuedMessage message, List<Member> from, IntUnaryOperator random) {
    int size = from.size();
    switch (strategy) {
      case HASH_CLIENT, HASH_TOPIC -> {
        String of =
            strategy == SharedStrategy.HASH_CLIENT
                ? message.message().publisher()
                : message.message().topic();
        Member owner = owner(from, of);
        return owner.hasCredit() ? owner : null;
      }
      case LEAST_IN_FLIGHT -> {
        return leastInFlight(from);
      }
      case RANDOM -> turn = random.applyAsInt(size);
      case ROUND_ROBIN -> turn++;
      case STICKY -> {}
    }
    for (int i = 0; i < size; i++) {
      Member member = from.get(Math.floorMod(turn, size));
      if (member.hasCredit()) {
        return member;
      }
      turn++;
    }
    return null;
  }

  private static Member owner(List<Member> from, String key) {
    Member owner = from.get(0);
    int greatest = MemberHash.weight(owner.subscriber.clientId, key);
    for (int i = 1; i < from.size(); i++) {
      int weight = MemberHash.weight(from.get(i).subscriber.clientId, key);
      if (weight > greatest) {
        greatest = weight;
        owner = from.get(i);
      }
    }
    return owner;
  }

  /** Among equals each in turn. */
  private @Nullable Member leastInFlight(List<Member> from) {
    Member least = null;
    int first = turn + 1;
    for (int i = 0; i < from.size(); i++) {
      Member member = from.get(Math.floorMod(first + i, from.size()));
      if (member.hasCredit() && (least == null || member.inFlight < least.inFlight)) {
        least = member;
        turn = first + i;
      }
    }
    return least;
  }
}
