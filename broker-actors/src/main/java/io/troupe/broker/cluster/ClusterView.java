package io.troupe.broker.cluster;

import java.util.List;
import java.util.Optional;

/**
 * The cluster as one node sees it at one moment.
 *
 * @param members in the order of their addresses, this node among them once it has joined
 */
public record ClusterView(List<Member> members) {

  /**
   * One node.
   *
   * @param address {@code host:port}, unique
   * @param status {@code Joining, WeaklyUp, Up, Leaving, Exiting, Down} or {@code Removed}
   * @param reachable whether this node gets its heartbeats
   * @param self whether it is this node
   */
  public record Member(String address, String status, boolean reachable, boolean self) {
    /** Whether it counts where the network has divided: it has joined and is not gone. */
    private boolean counts() {
      return status.equals("Up") || status.equals("Leaving");
    }
  }

  public ClusterView {
    members = List.copyOf(members);
  }

  /** This node, unless it has not joined. */
  public Optional<Member> self() {
    return members.stream().filter(Member::self).findFirst();
  }

  /**
   * Whether clients should be sent to this node: it is up, and of a divided cluster in the part
   * that goes on. That is the majority, of two halves the one with the lowest address, as the split
   * brain resolver decides some time later.
   */
  public boolean isServing() {
    List<Member> counted = members.stream().filter(Member::counts).toList();
    long reachable = reachable();
    return self().filter(member -> member.status.equals("Up")).isPresent()
        && (2 * reachable > counted.size()
            || (2 * reachable == counted.size() && counted.get(0).reachable));
  }

  /** Whether there is another node for this one's clients. */
  public boolean hasOthersServing() {
    return members.stream()
        .anyMatch(member -> !member.self && member.reachable && member.status.equals("Up"));
  }

  /** For people. */
  public String summary() {
    long counted = members.stream().filter(Member::counts).count();
    return self().map(Member::status).orElse("not joined")
        + ", "
        + reachable()
        + " of "
        + counted
        + " nodes reachable";
  }

  private long reachable() {
    return members.stream().filter(member -> member.counts() && member.reachable).count();
  }
}
