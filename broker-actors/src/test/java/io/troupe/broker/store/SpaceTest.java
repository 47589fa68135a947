package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static io.troupe.broker.store.StoreTesting.folderBytes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.store.QueueLog.Bounds;
import io.troupe.protocol.conformance.Promise;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleted messages give their space back. */
class SpaceTest {
  private static final int ENTRY_BYTES = 10_000;
  private static final int ENTRIES_PER_APPEND = 100;
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private static void fill(EmbeddedStore store, long queue, long from, long to) {
    for (long offset = from; offset <= to; offset += ENTRIES_PER_APPEND) {
      long last = Math.min(to, offset + ENTRIES_PER_APPEND - 1);
      await(
          store.queueLog().append(entries(queue, offset, last, ENTRY_BYTES), List.of(), List.of()));
    }
  }

  @Test
  void throughputLeavesAFolderOfTheSizeOfWhatLives() {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      fill(store, 1, 1, 100);
      long largest = 0;
      for (int round = 0; round < 10; round++) {
        long from = round * 2_000L + 1;
        fill(store, 2, from, from + 1_999); // 20 MB
        await(store.queueLog().deleteTo(2, from + 1_999));
        largest = Math.max(largest, folderBytes(folder));
      }

      StoreTesting.until(
          "space is given back: " + folderBytes(folder), () -> folderBytes(folder) < 120 * MIB);
      assertEquals(100, await(store.queueLog().bounds(1)).lastOffset());
      assertEquals(20_001, await(store.queueLog().bounds(2)).firstOffset());
      if (largest > 150 * MIB) {
        throw new AssertionError("the folder grew to " + largest);
      }
    }
  }

  @Test
  @Promise("I25")
  void aLargeBacklogGivesItsSpaceBackWithoutFurtherTraffic() {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      fill(store, 1, 1, 500); // 5 MB stay
      fill(store, 2, 1, 20_000); // 200 MB
      fill(store, 3, 1, 500);

      for (long offset = 1_000; offset <= 20_000; offset += 1_000) {
        await(store.queueLog().deleteTo(2, offset));
      }

      StoreTesting.until(
          "space is given back: " + folderBytes(folder), () -> folderBytes(folder) < 100 * MIB);
      assertEquals(
          new Bounds(1, 500, ENTRY_BYTES, 500L * ENTRY_BYTES), await(store.queueLog().bounds(1)));
      assertEquals(500, await(store.queueLog().bounds(3)).lastOffset());
    }
  }

  @Test
  void halfOfEveryQueueDeletedGivesHalfOfTheSpaceBack() {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      for (int queue = 1; queue <= 20; queue++) {
        fill(store, queue, 1, 1_000);
      }
      for (int queue = 1; queue <= 20; queue++) {
        await(store.queueLog().deleteTo(queue, 500));
      }

      StoreTesting.until(
          "space is given back: " + folderBytes(folder), () -> folderBytes(folder) < 200 * MIB);
    }
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      for (int queue = 1; queue <= 20; queue++) {
        assertEquals(501, await(store.queueLog().bounds(queue)).firstOffset());
        assertEquals(
            entries(queue, 501, 502, ENTRY_BYTES),
            await(store.queueLog().read(queue, 1, 2, Long.MAX_VALUE)));
      }
    }
  }
}
