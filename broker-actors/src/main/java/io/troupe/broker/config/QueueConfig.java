package io.troupe.broker.config;

import java.time.Duration;

/**
 * Limits of durable queues and of what is read from them at once.
 *
 * @param device queues of ordinary subscriptions
 * @param application queues of shared subscriptions
 * @param pageBytes a page ends with the message that reaches it
 */
public record QueueConfig(Limits device, Limits application, int pageMessages, int pageBytes) {

  /**
   * @param ageMax {@link BrokerConfig#NEVER} for no limit
   */
  public record Limits(long messagesMax, long bytesMax, Duration ageMax, WhenFull whenFull) {

    static Limits read(ConfigReader in) {
      return new Limits(
          in.whole("messages-max", 1, 1_000_000_000_000L),
          in.bytes("bytes-max", 64 * 1024, 1L << 50),
          in.durationOrNever("age-max", Duration.ofSeconds(1), Duration.ofDays(36_500)),
          in.oneOf("when-full", WhenFull.class));
    }
  }

  static QueueConfig read(ConfigReader in) {
    return new QueueConfig(
        Limits.read(in.at("device")),
        Limits.read(in.at("application")),
        in.integer("page-messages", 1, 10_000),
        (int) in.bytes("page-bytes", 1024, 64 * 1024 * 1024));
  }
}
