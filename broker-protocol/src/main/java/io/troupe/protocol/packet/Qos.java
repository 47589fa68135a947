package io.troupe.protocol.packet;

/**
 * Quality of Service, the guarantee of delivery between one sender and one receiver (MQTT 5.0,
 * 4.3).
 */
public enum Qos {
  AT_MOST_ONCE,
  AT_LEAST_ONCE,
  EXACTLY_ONCE;

  private static final Qos[] VALUES = values();

  /** The level as it stands on the wire: 0, 1 or 2. */
  public int level() {
    return ordinal();
  }

  /**
   * @param level 0, 1 or 2; anything else is the caller's error, the decoder refuses 3 before
   */
  public static Qos of(int level) {
    return VALUES[level];
  }

  /** The lower of the two: what a message is delivered with (MQTT-3.8.4-8). */
  public Qos min(Qos other) {
    return ordinal() <= other.ordinal() ? this : other;
  }
}
