package io.troupe.protocol.codec;

/**
 * Limits and choices of a decoder.
 *
 * @param connectBytesMax largest packet before CONNECT was accepted, in bytes with fixed header
 * @param connectWithWillBytesMax largest CONNECT that carries a will; at least {@code
 *     connectBytesMax}
 * @param payloadFormatChecked whether a payload declared as UTF-8 (Payload Format Indicator 1) is
 *     checked and refused with 0x99 if it is not (3.3.2.3.2)
 */
public record DecoderSettings(
    int connectBytesMax, int connectWithWillBytesMax, boolean payloadFormatChecked) {
  /**
   * The largest packet the protocol can express: four length bytes (2.1.4), fixed header included.
   */
  public static final int PACKET_BYTES_MAX = 268_435_455 + 5;

  /** 8 kB without a will, 64 kB and a little with one; payload format checked. */
  public static final DecoderSettings DEFAULT = new DecoderSettings(8 * 1024, 72 * 1024, true);

  public DecoderSettings {
    if (connectBytesMax < 128 || connectWithWillBytesMax < connectBytesMax) {
      throw new IllegalArgumentException(
          "CONNECT limits must be at least 128 bytes, and not smaller with a will: "
              + connectBytesMax
              + ", "
              + connectWithWillBytesMax);
    }
  }
}
