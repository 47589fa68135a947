package io.troupe.loadtest.load;

/** What the clients do. */
public enum Scenario {
  /** Many publishers, few subscribers; each message goes to one of them. */
  FAN_IN,
  /** Few publishers, many subscribers; each message goes to all of them. */
  FAN_OUT,
  /** Publisher i to subscriber i. */
  PAIRS,
  /** Pairs whose subscribers are away while a number of messages is queued, then return. */
  PERSISTENT,
  /** All clients connect at once; persistent ones are cut and come back at once. */
  STORM,
  /** Clients connect, subscribe and do nothing: memory per connection. */
  IDLE,
  /** Pairs, fan-in and fan-out at once, six to three to one. */
  MIXED
}
