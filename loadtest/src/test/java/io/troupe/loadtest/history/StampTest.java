package io.troupe.loadtest.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StampTest {
  @Test
  void aStampIsReadBackFromItsPayload() {
    Stamp stamp = new Stamp(-5, 3, 70_000);

    assertEquals(stamp, Stamp.parse(stamp.toPayload(Stamp.SIZE_MIN)));
    assertEquals(stamp, Stamp.parse(stamp.toPayload(1000)));
  }

  @Test
  void aPayloadWithAnyByteChangedOrCutDoesNotParse() {
    byte[] payload = new Stamp(1, 2, 3).toPayload(64);

    for (int i = 0; i < payload.length; i++) {
      byte[] changed = payload.clone();
      changed[i] ^= 0x10;
      assertNull(Stamp.parse(changed), "byte " + i);
      assertNull(Stamp.parse(Arrays.copyOf(payload, i)), "cut at " + i);
    }
  }
}
