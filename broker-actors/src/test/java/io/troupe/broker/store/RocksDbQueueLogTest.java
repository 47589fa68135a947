package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static io.troupe.broker.store.StoreTesting.offsets;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.store.QueueLog.Bounds;
import io.troupe.broker.store.QueueLog.DedupKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbQueueLogTest {
  private static final long QUEUE = QueueLog.queueId(3, 7);

  @TempDir Path folder;
  private EmbeddedStore store;
  private QueueLog log;

  @BeforeEach
  void open() {
    store = StoreTesting.open(folder);
    log = store.queueLog();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void reopen() {
    store.close();
    open();
  }

  private void append(long queueId, long from, long to) {
    await(log.append(entries(queueId, from, to, 100), List.of(), List.of()));
  }

  @Test
  void queueIdKeepsPartitionAndLocalIdApart() {
    assertEquals(0x0000_0003_FFFF_FFFFL, QueueLog.queueId(3, -1));
    assertEquals(0x0000_0003_0000_0007L, QUEUE);
  }

  @Test
  void appendedEntriesAreReadInOrderWithTheirBytes() {
    append(QUEUE, 1, 10);

    var read = await(log.read(QUEUE, 4, 3, Long.MAX_VALUE));

    assertEquals(entries(QUEUE, 4, 6, 100), read);
  }

  @Test
  void aPageEndsOnceItsBytesAreReachedButHoldsAtLeastOneEntry() {
    append(QUEUE, 1, 10);

    assertArrayEquals(new long[] {1, 2, 3}, offsets(await(log.read(QUEUE, 1, 100, 201))));
    assertArrayEquals(new long[] {5}, offsets(await(log.read(QUEUE, 5, 100, 1))));
  }

  @Test
  void readingSeesOnlyItsOwnQueue() {
    append(QUEUE, 1, 2);
    append(QUEUE + 1, 1, 2);
    append(QUEUE - 1, 1, 2);

    var read = await(log.read(QUEUE, 1, 100, Long.MAX_VALUE));

    assertEquals(entries(QUEUE, 1, 2, 100), read);
  }

  @Test
  void readingBehindTheEndGivesNothing() {
    append(QUEUE, 1, 2);

    assertTrue(await(log.read(QUEUE, 3, 100, Long.MAX_VALUE)).isEmpty());
    assertTrue(await(log.read(QUEUE + 9, 1, 100, Long.MAX_VALUE)).isEmpty());
  }

  @Test
  void boundsOfAQueueNeverUsed() {
    assertEquals(Bounds.NEVER_USED, await(log.bounds(QUEUE)));
  }

  @Test
  void boundsCountAppendsCalledBefore() {
    log.append(entries(QUEUE, 1, 5, 100), List.of(), List.of());

    assertEquals(new Bounds(1, 5, 100, 500), await(log.bounds(QUEUE)));
  }

  @Test
  void deletionMovesTheFirstOffset() {
    append(QUEUE, 1, 10);

    await(log.deleteTo(QUEUE, 4));

    assertEquals(new Bounds(5, 10, 500, 1000), await(log.bounds(QUEUE)));
    assertArrayEquals(new long[] {5, 6}, offsets(await(log.read(QUEUE, 1, 2, Long.MAX_VALUE))));
  }

  @Test
  void deletingAnOffsetAgainOrAnEarlierOneChangesNothing() {
    append(QUEUE, 1, 10);
    await(log.deleteTo(QUEUE, 4));

    await(log.deleteTo(QUEUE, 4));
    await(log.deleteTo(QUEUE, 2));
    await(log.deleteTo(QUEUE, 0));

    assertEquals(new Bounds(5, 10, 500, 1000), await(log.bounds(QUEUE)));
  }

  @Test
  void theLastOffsetSurvivesTheDeletionOfAllEntriesAndAReopen() {
    append(QUEUE, 1, 300);
    await(log.deleteTo(QUEUE, 300));

    reopen();

    assertEquals(new Bounds(301, 300, 30_000, 30_000), await(log.bounds(QUEUE)));
    assertTrue(await(log.bounds(QUEUE)).isEmpty());
  }

  @Test
  void deletionBehindTheEndStopsAtTheLastEntry() {
    append(QUEUE, 1, 3);

    await(log.deleteTo(QUEUE, 1_000));
    append(QUEUE, 4, 5);

    assertEquals(new Bounds(4, 5, 400, 500), await(log.bounds(QUEUE)));
  }

  @Test
  void deletionsOfManyEntriesLeaveOtherQueuesAlone() {
    append(QUEUE, 1, 500);
    append(QUEUE + 1, 1, 500);

    await(log.deleteTo(QUEUE, 450));

    assertEquals(new Bounds(451, 500, 45_100, 50_000), await(log.bounds(QUEUE)));
    assertEquals(new Bounds(1, 500, 100, 50_000), await(log.bounds(QUEUE + 1)));
  }

  @Test
  void aDeletedQueueIsAsNeverUsed() {
    append(QUEUE, 1, 100);
    log.deleteTo(QUEUE, 10);

    await(log.deleteQueue(QUEUE));

    assertEquals(Bounds.NEVER_USED, await(log.bounds(QUEUE)));
    assertTrue(await(log.read(QUEUE, 1, 10, Long.MAX_VALUE)).isEmpty());
  }

  @Test
  void everythingIsThereAfterReopening() {
    append(QUEUE, 1, 100);
    await(log.deleteTo(QUEUE, 20));
    await(log.append(List.of(), List.of(new DedupKey(3, "client", 5)), List.of()));

    reopen();

    assertEquals(entries(QUEUE, 21, 100, 100), await(log.read(QUEUE, 1, 1000, Long.MAX_VALUE)));
    assertEquals(Set.of(5L), await(log.openSequences(3, "client")));
  }

  @Test
  void dedupKeysAreKeptPerPartitionAndPublisherUntilForgotten() {
    var keys = List.of(new DedupKey(3, "a", 1), new DedupKey(3, "a", -1), new DedupKey(3, "ab", 2));
    await(log.append(entries(QUEUE, 1, 1, 10), keys, List.of()));
    await(log.append(List.of(), List.of(new DedupKey(4, "a", 9)), List.of()));

    assertEquals(Set.of(1L, -1L), await(log.openSequences(3, "a")));
    assertEquals(Set.of(2L), await(log.openSequences(3, "ab")));
    assertEquals(Set.of(9L), await(log.openSequences(4, "a")));
    assertEquals(Set.of(), await(log.openSequences(4, "")));

    await(log.append(List.of(), List.of(), List.of(new DedupKey(3, "a", 1))));

    assertEquals(Set.of(-1L), await(log.openSequences(3, "a")));
  }

  @Test
  void anEmptyAppendCompletes() {
    await(log.append(List.of(), List.of(), List.of()));
  }

  @Test
  void anAppendToAClosedStoreFails() {
    store.close();

    assertThrows(
        StoreUnavailableException.class,
        () -> await(log.append(entries(QUEUE, 1, 1, 10), List.of(), List.of())));
    assertThrows(
        StoreUnavailableException.class, () -> await(log.read(QUEUE, 1, 1, Long.MAX_VALUE)));
  }

  @Test
  void anEntryOfAnyLengthComesBack() {
    for (int size : new int[] {0, 1, 127, 128, 70_000, 3_000_000}) {
      long queue = QueueLog.queueId(9, size);
      await(log.append(entries(queue, 1, 1, size), List.of(), List.of()));

      assertEquals(entries(queue, 1, 1, size), await(log.read(queue, 1, 1, 1)));
    }
  }
}
