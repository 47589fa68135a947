package io.troupe.broker.cluster;

import io.troupe.broker.config.NodeRole;
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
   * @param roles what it does, as {@code troupe.cluster.roles} says
   */
  public record Member(
      String address, String status, boolean reachable, boolean self, List<String> roles) {
    public Member {
      roles = List.copyOf(roles);
    }

    /** Whether it takes part now, and does this. */
    private boolean does(NodeRole role) {
      return reachable && status.equals("Up") && roles.contains(role.text());
    }

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
   * that goes on, and somebody there has the sessions. That part is the majority, of two halves the
   * one with the lowest address, as the split brain resolver decides some time later.
   */
  public boolean isServing() {
    List<Member> counted = members.stream().filter(Member::counts).toList();
    long reachable = reachable();
    return self().filter(member -> member.status.equals("Up")).isPresent()
        && hasStorage()
        && (2 * reachable > counted.size()
            || (2 * reachable == counted.size() && counted.get(0).reachable));
  }

  /** Whether there is another node for this one's clients. */
  public boolean hasOthersServing() {
    return members.stream().anyMatch(member -> !member.self && member.does(NodeRole.CLIENTS));
  }

  /** Whether a node that has sessions and partitions is in reach. */
  public boolean hasStorage() {
    return members.stream().anyMatch(member -> member.does(NodeRole.STORAGE));
  }

  /** How many nodes are up and in reach, this one among them. */
  public int inReach() {
    return (int)
        members.stream().filter(member -> member.reachable && member.status.equals("Up")).count();
  }

  /** For people. */
  public String summary() {
    long counted = members.stream().filter(Member::counts).count();
    return self().map(Member::status).orElse("not joined")
        + ", "
        + reachable()
        + " of "
        + counted
        + " nodes reachable"
        + (hasStorage() || members.isEmpty() ? "" : ", none of them with the role storage");
  }

  private long reachable() {
    return members.stream().filter(member -> member.counts() && member.reachable).count();
  }
}
