package io.troupe.protocol.codec;

import io.netty.util.ByteProcessor;

/** Strict UTF-8 as Unicode and RFC 3629 define it (1.5.4). */
final class Utf8 {
  /** Passes over ASCII except U+0000. */
  static final ByteProcessor ASCII_NOT_NULL = b -> b > 0;

  private Utf8() {}

  /**
   * Whether the bytes are well-formed: no overlong form, no surrogate, nothing above U+10FFFF,
   * nothing cut off. U+0000 is well-formed.
   */
  static boolean isWellFormed(byte[] bytes) {
    int i = 0;
    int end = bytes.length;
    while (i < end) {
      int lead = bytes[i] & 0xFF;
      if (lead < 0x80) {
        i++;
        continue;
      }
      int length = sequenceLength(lead);
      if (length == 0 || end - i < length || !isSecond(lead, bytes[i + 1] & 0xFF)) {
        return false;
      }
      for (int j = 2; j < length; j++) {
        if ((bytes[i + j] & 0xC0) != 0x80) {
          return false;
        }
      }
      i += length;
    }
    return true;
  }

  /** The length that the first byte announces, or 0 if no sequence begins with it. */
  private static int sequenceLength(int lead) {
    if (lead >= 0xC2 && lead <= 0xDF) {
      return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
      return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
  }

  /** The second byte rules out overlong forms, surrogates and code points above U+10FFFF. */
  private static boolean isSecond(int lead, int second) {
    int low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    int high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
  }

  static boolean containsNull(byte[] bytes) {
    for (byte b : bytes) {
      if (b == 0) {
        return true;
      }
    }
    return false;
  }
}
