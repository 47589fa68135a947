package io.troupe.broker.cassandra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.store.QueueLog;
import io.troupe.broker.store.QueueLog.Bounds;
import io.troupe.broker.store.QueueLog.DedupKey;
import io.troupe.broker.store.QueueLog.Entry;
import io.troupe.broker.store.StoreOverloadedException;
import io.troupe.broker.store.StoreStartException;
import io.troupe.broker.store.StoreUnavailableException;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Payload;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a real Cassandra; each test has topic partitions of its own. */
class CassandraQueueLogTest {
  private static final AtomicInteger PARTITIONS = new AtomicInteger();

  private static CassandraStore store;

  /** The same tables by another node. */
  private static CassandraStore other;

  private final int partition = PARTITIONS.incrementAndGet();
  private final long queue = QueueLog.queueId(partition, 7);
  private QueueLog log;

  @BeforeAll
  static void open() {
    store = CassandraStore.open(settings("queues", 64 << 20), "node", Duration.ofSeconds(1));
    other = CassandraStore.open(settings("queues", 64 << 20), "node", Duration.ofSeconds(1));
  }

  @AfterAll
  static void close() {
    store.close();
    other.close();
  }

  @BeforeEach
  void use() {
    log = store.queueLog();
  }

  static CassandraSettings settings(String keyspace, long pendingBytesMax) {
    return new CassandraSettings(
        List.of(CassandraServer.shared().contactPoint()),
        "datacenter1",
        keyspace,
        null,
        null,
        1,
        true,
        Duration.ofSeconds(60),
        pendingBytesMax);
  }

  private static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(120, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError("no answer", e);
    }
  }

  private static List<Entry> entries(long queueId, long from, long to, int size) {
    List<Entry> entries = new ArrayList<>();
    for (long offset = from; offset <= to; offset++) {
      byte[] bytes = new byte[size];
      new SplittableRandom(queueId * 1_000_003 + offset).nextBytes(bytes);
      entries.add(new Entry(queueId, offset, Payload.wrap(bytes), offset * size));
    }
    return entries;
  }

  private void append(long queueId, long from, long to) {
    await(log.append(entries(queueId, from, to, 100), List.of(), List.of()));
  }

  private List<Entry> read(QueueLog from, long queueId) {
    return await(from.read(queueId, 1, 10_000, Long.MAX_VALUE));
  }

  @Test
  void appendedEntriesAreReadInOrderWithTheirBytesAcrossBuckets() {
    append(queue, 1, 300);
    append(queue, 301, 302);

    assertEquals(entries(queue, 1, 302, 100), read(log, queue));
    assertEquals(entries(queue, 120, 140, 100), await(log.read(queue, 120, 21, Long.MAX_VALUE)));
  }

  @Test
  void aPageEndsOnceItsBytesAreReachedButHoldsAtLeastOneEntry() {
    append(queue, 1, 10);

    assertEquals(entries(queue, 1, 3, 100), await(log.read(queue, 1, 100, 201)));
    assertEquals(entries(queue, 5, 5, 100), await(log.read(queue, 5, 100, 1)));
    assertEquals(List.of(), await(log.read(queue, 11, 100, 1)));
  }

  @Test
  void boundsCountAppendsCalledBefore() {
    assertEquals(Bounds.NEVER_USED, await(log.bounds(queue)));
    log.append(entries(queue, 1, 5, 100), List.of(), List.of());

    assertEquals(new Bounds(1, 5, 100, 500), await(log.bounds(queue)));
  }

  @Test
  void theLastOffsetSurvivesTheDeletionOfAllEntries() {
    append(queue, 1, 300);

    await(log.deleteTo(queue, 4));
    assertEquals(new Bounds(5, 300, 500, 30_000), await(log.bounds(queue)));
    await(log.deleteTo(queue, 2));
    await(log.deleteTo(queue, 1_000));

    assertEquals(new Bounds(301, 300, 30_000, 30_000), await(log.bounds(queue)));
    assertEquals(new Bounds(301, 300, 30_000, 30_000), await(other.queueLog().bounds(queue)));
    assertEquals(List.of(), read(other.queueLog(), queue));
  }

  @Test
  void aDeletedQueueIsAsNeverUsed() {
    append(queue, 1, 200);
    await(log.deleteTo(queue, 10));

    await(log.deleteQueue(queue));

    assertEquals(Bounds.NEVER_USED, await(log.bounds(queue)));
    assertEquals(List.of(), read(log, queue));
  }

  @Test
  void handshakesAreKeptPerPublisherUntilForgotten() {
    var keys =
        List.of(
            new DedupKey(partition, "a", 1),
            new DedupKey(partition, "a", -1),
            new DedupKey(partition, "", 2));
    await(log.append(entries(queue, 1, 1, 10), keys, List.of()));

    assertEquals(Set.of(1L, -1L), await(log.openSequences(partition, "a")));
    assertEquals(Set.of(2L), await(log.openSequences(partition, "")));

    await(log.append(List.of(), List.of(), List.of(new DedupKey(partition, "a", 1))));

    assertEquals(Set.of(-1L), await(log.openSequences(partition, "a")));
    assertEquals(Set.of(-1L), await(other.queueLog().openSequences(partition, "a")));
  }

  @Test
  void whatOneNodeHasStoredTheNextOneGoesOnWith() {
    append(queue, 1, 10);
    QueueLog next = other.queueLog();
    assertEquals(new Bounds(1, 10, 100, 1_000), await(next.bounds(queue)));

    await(next.append(entries(queue, 11, 12, 100), List.of(), List.of()));

    assertEquals(entries(queue, 1, 12, 100), read(next, queue));
  }

  @Test
  @Promise("I19")
  void aNodeThatNoLongerHasThePartitionStoresNothing() {
    append(queue, 1, 10);
    QueueLog next = other.queueLog();
    await(next.bounds(queue));
    await(next.append(entries(queue, 11, 11, 50), List.of(), List.of()));

    assertThrows(StoreUnavailableException.class, () -> append(queue, 11, 15));

    assertEquals(new Bounds(1, 11, 100, 550), await(log.bounds(queue)), "what the other stored");
    assertEquals(11, read(log, queue).size());
    assertEquals(entries(queue, 11, 11, 50), await(next.read(queue, 11, 9, Long.MAX_VALUE)));
  }

  @Test
  void handshakesOfARefusedAppendAreNotOpen() {
    append(queue, 1, 1);
    await(other.queueLog().bounds(queue));

    assertThrows(
        StoreUnavailableException.class,
        () ->
            await(
                log.append(
                    entries(queue, 2, 2, 10),
                    List.of(new DedupKey(partition, "p", 1)),
                    List.of())));

    assertEquals(Set.of(), await(log.openSequences(partition, "p")));
  }

  /** What a refused writer left at an offset is not taken for what the next one stores there. */
  @Test
  void entriesOfARefusedAppendAreNeverRead() {
    append(queue, 1, 3);
    await(other.queueLog().bounds(queue));
    assertThrows(StoreUnavailableException.class, () -> append(queue, 4, 9));

    await(other.queueLog().bounds(queue));
    await(other.queueLog().append(entries(queue, 4, 5, 70), List.of(), List.of()));
    await(other.queueLog().append(entries(queue, 6, 6, 70), List.of(), List.of()));

    var read = await(other.queueLog().read(queue, 4, 100, Long.MAX_VALUE));
    assertEquals(entries(queue, 4, 6, 70), read);
    await(log.bounds(queue));
    assertEquals(entries(queue, 4, 6, 70), await(log.read(queue, 4, 100, Long.MAX_VALUE)));
  }

  @Test
  void anAppendThatDoesNotContinueTheQueueIsRefused() {
    append(queue, 1, 3);

    assertThrows(StoreUnavailableException.class, () -> append(queue, 6, 7));

    assertEquals(entries(queue, 1, 3, 100), read(log, queue));
  }

  @Test
  void oneAppendSpansManyQueuesAndSizes() {
    List<Entry> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.addAll(entries(QueueLog.queueId(partition, i), 1, 1 + i * 7L, 1 + i * i * 50));
    }

    await(log.append(all, List.of(), List.of()));

    for (int i = 0; i < 20; i++) {
      long id = QueueLog.queueId(partition, i);
      assertEquals(entries(id, 1, 1 + i * 7L, 1 + i * i * 50), read(log, id));
    }
  }

  @Test
  void anEntryOfAnyLengthComesBack() {
    for (int size : new int[] {0, 1, 70_000, 3_000_000}) {
      long id = QueueLog.queueId(partition, size);
      await(log.append(entries(id, 1, 1, size), List.of(), List.of()));

      assertEquals(entries(id, 1, 1, size), await(log.read(id, 1, 1, 1)));
    }
  }

  @Test
  void moreThanMayBeUnderWayIsRefusedAtOnce() {
    try (var small =
        CassandraStore.open(settings("queues", 100_000), "node", Duration.ofSeconds(1))) {
      var first = small.queueLog().append(entries(queue, 1, 1, 90_000), List.of(), List.of());

      assertThrows(
          StoreOverloadedException.class,
          () -> await(small.queueLog().append(entries(queue, 2, 2, 90_000), List.of(), List.of())));

      await(first);
      await(small.queueLog().append(entries(queue, 2, 2, 90_000), List.of(), List.of()));
    }
  }

  @Test
  void saysWhatToDoWhenNobodyAnswers() {
    var nowhere =
        new CassandraSettings(
            List.of(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 1)),
            "datacenter1",
            "queues",
            null,
            null,
            1,
            true,
            Duration.ofSeconds(5),
            1 << 20);

    var failure =
        assertThrows(
            StoreStartException.class,
            () -> CassandraStore.open(nowhere, "node", Duration.ofSeconds(1)));

    assertTrue(failure.getMessage().contains("troupe.store.cassandra.contact-points"));
  }

  @Test
  void saysWhatToDoWhenTheSchemaIsMissing() {
    var settings = settings("none", 1 << 20);
    var without =
        new CassandraSettings(
            settings.contactPoints(),
            settings.datacenter(),
            "none",
            null,
            null,
            1,
            false,
            settings.requestTimeout(),
            1 << 20);

    var failure =
        assertThrows(
            StoreStartException.class,
            () -> CassandraStore.open(without, "node", Duration.ofSeconds(1)));

    assertTrue(failure.getMessage().contains("create-schema"), failure.getMessage());
  }
}
