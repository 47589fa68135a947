package io.troupe.protocol.packet;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Immutable bytes with content equality: an application message's payload, correlation data,
 * authentication data, a password.
 *
 * <p>{@link #wrap} takes ownership of the array: nobody may write to it afterwards. {@link #array}
 * hands out the same array for reading, so that the hot path copies nothing.
 */
public final class Payload {
  public static final Payload EMPTY = new Payload(new byte[0]);

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  public static Payload wrap(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Payload(bytes);
  }

  public static Payload utf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The bytes themselves, not a copy; must not be written to. */
  public byte[] array() {
    return bytes;
  }

  /** Length in bytes. */
  public int length() {
    return bytes.length;
  }

  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** The bytes read as UTF-8, malformed sequences replaced. */
  public String asUtf8() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload payload && Arrays.equals(bytes, payload.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Names the length only: payloads and passwords do not belong in logs. */
  @Override
  public String toString() {
    return "Payload[" + bytes.length + " bytes]";
  }
}
