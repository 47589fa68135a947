package io.troupe.broker.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Numbers in keys and values, most significant byte first so that keys sort as their numbers. */
final class BigEndian {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private BigEndian() {}

  static void putLong(byte[] target, int position, long value) {
    LONG.set(target, position, value);
  }

  static long getLong(byte[] source, int position) {
    return (long) LONG.get(source, position);
  }

  static void putInt(byte[] target, int position, int value) {
    INT.set(target, position, value);
  }

  static int getInt(byte[] source, int position) {
    return (int) INT.get(source, position);
  }
}
