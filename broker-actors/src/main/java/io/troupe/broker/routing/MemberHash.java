package io.troupe.broker.routing;

/**
 * Which member of a group a publisher or topic belongs to: the one with the greatest weight. So all
 * nodes and queues agree without knowing each other's order of members, and when a member comes or
 * goes only what belongs to that one moves.
 */
final class MemberHash {
  private MemberHash() {}

  static int weight(String clientId, String key) {
    int h = clientId.hashCode() * 0x9E3779B9 + key.hashCode();
    h = (h ^ h >>> 16) * 0x85EBCA6B;
    h = (h ^ h >>> 13) * 0xC2B2AE35;
    return h ^ h >>> 16;
  }
}
