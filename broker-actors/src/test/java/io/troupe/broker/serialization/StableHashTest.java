package io.troupe.broker.serialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StableHashTest {

  @Test
  void itIsMurmur3() {
    assertEquals(0, murmur3(""));
    assertEquals(0x3C2569B2, murmur3("a"));
    assertEquals(0x9BBFD75F, murmur3("ab"));
    assertEquals(0xB3DD93FA, murmur3("abc"));
    assertEquals(0x43ED676A, murmur3("abcd"));
    assertEquals(0xE89B9AF6, murmur3("abcde"));
  }

  @Test
  void clientIdentifiersSpreadEvenly() {
    int[] counts = new int[16];

    for (int i = 0; i < 16_000; i++) {
      counts[StableHash.partition("device-" + i, counts.length)]++;
    }

    for (int count : counts) {
      assertTrue(count > 850 && count < 1150, "a partition has " + count);
    }
  }

  private static int murmur3(String text) {
    return StableHash.murmur3(text.getBytes(StandardCharsets.UTF_8));
  }
}
