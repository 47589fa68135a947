package io.troupe.loadtest.load;

import java.util.Locale;

/** What the clients do. */
public enum Scenario {
  /** Many publishers, few subscribers; each message goes to one of them. */
  FAN_IN,
  /** Few publishers, many subscribers; each message goes to all of them. */
  FAN_OUT,
  /** Point to point: publisher i to subscriber i. */
  PAIRS,
  /** Pairs whose subscribers are away while a number of messages is queued, then return. */
  PERSISTENT,
  /**
   * All subscribers share one filter and are away while messages are queued; one of them returns
   * and gets all. What a message costs must not depend on how many are away.
   */
  OFFLINE,
  /**
   * All subscribers are away, some on each of the publishers' topics, while messages are queued;
   * the broker is restarted, and all come back, thousands at once. They acknowledge nothing and
   * leave again: what counts is how soon they are in.
   */
  RECOVERY,
  /** All clients connect at once; persistent ones are cut and come back at once. */
  STORM,
  /** Clients connect, subscribe and do nothing: memory per connection. */
  IDLE,
  /** Pairs, fan-in and fan-out at once, six to three to one. */
  MIXED;

  /** Whether messages flow all the time, for as long as the plan says. */
  boolean isStream() {
    return this == FAN_IN || this == FAN_OUT || this == PAIRS || this == MIXED;
  }

  /** Whether messages wait for sessions that are away. */
  boolean queues() {
    return this == PERSISTENT || this == OFFLINE || this == RECOVERY;
  }

  /** The name on the command line, such as {@code fan-in}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
