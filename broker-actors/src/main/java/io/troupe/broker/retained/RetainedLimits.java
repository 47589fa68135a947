package io.troupe.broker.retained;

/**
 * Limits of one partition of the retained messages.
 *
 * @param messagesMax how many it keeps
 * @param bytesMax how many bytes they have together, topics, properties and payloads
 * @param pageMessages how many messages a page has at most, at least 1
 * @param pageBytes how many bytes a page has at most, one message more than that if need be
 * @param pageExamined how many topics are looked at for one page; then it is answered unfilled, so
 *     that a filter that matches little does not hold up others
 */
record RetainedLimits(
    long messagesMax, long bytesMax, int pageMessages, int pageBytes, int pageExamined) {

  RetainedLimits(long messagesMax, long bytesMax) {
    this(messagesMax, bytesMax, 200, 1 << 20, 10_000);
  }
}
