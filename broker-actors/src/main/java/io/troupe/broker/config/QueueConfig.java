package io.troupe.broker.config;

import java.time.Duration;

/**
 * Limits of durable queues and of what is read from them at once.
 *
 * @param device for clients of type DEVICE, each subscription by itself
 * @param application for those of type APPLICATION, and for shared subscriptions
 * @param nodeBytesMax of all queues of a node together; 0: four tenths of its file system
 * @param pageBytes a page ends with the message that reaches it
 */
public record QueueConfig(
    Limits device, Limits application, long nodeBytesMax, int pageMessages, int pageBytes) {

  /**
   * @param ageMax {@link BrokerConfig#NEVER} for no limit
   */
  public record Limits(long messagesMax, long bytesMax, Duration ageMax, WhenFull whenFull) {

    static Limits read(ConfigReader in) {
      return new Limits(
          readMessagesMax(in),
          readBytesMax(in),
          readAgeMax(in),
          in.oneOf("when-full", WhenFull.class));
    }
  }

  static long readMessagesMax(ConfigReader in) {
    return in.whole("messages-max", 1, 1_000_000_000_000L);
  }

  static long readBytesMax(ConfigReader in) {
    return in.bytes("bytes-max", 64 * 1024, 1L << 50);
  }

  static Duration readAgeMax(ConfigReader in) {
    return in.durationOrNever("age-max", Duration.ofSeconds(1), Duration.ofDays(36_500));
  }

  static QueueConfig read(ConfigReader in) {
    return new QueueConfig(
        Limits.read(in.at("device")),
        Limits.read(in.at("application")),
        in.bytesOrAuto("node-bytes-max", 1024 * 1024, 1L << 60),
        in.integer("page-messages", 1, 10_000),
        (int) in.bytes("page-bytes", 1024, 64 * 1024 * 1024));
  }
}
