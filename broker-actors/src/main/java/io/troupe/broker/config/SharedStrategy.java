package io.troupe.broker.config;

/** How a shared subscription chooses the member that gets a message (4.8.2). */
public enum SharedStrategy {
  /** Each in turn. */
  ROUND_ROBIN,
  /** Any. */
  RANDOM,
  /** The same until it leaves or its credit is used up. */
  STICKY,
  /** One per publisher, while the members stay the same. */
  HASH_CLIENT,
  /** One per topic, while the members stay the same. */
  HASH_TOPIC,
  /** The one with the fewest unacknowledged messages; each in turn where none are counted. */
  LEAST_IN_FLIGHT
}
