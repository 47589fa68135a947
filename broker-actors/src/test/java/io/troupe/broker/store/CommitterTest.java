package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The group commit over a disk that the test holds back and breaks. */
class CommitterTest {
  private static final int PENDING_MAX = 10_000;
  private static final int COMMIT_MAX = 2_000;

  /** Writes pass one by one as the test permits. */
  private static final class Disk implements Committer.Target {
    private final Semaphore permits = new Semaphore(0);
    private final List<Integer> sizes = new CopyOnWriteArrayList<>();
    private final List<Boolean> syncs = new CopyOnWriteArrayList<>();
    private volatile boolean broken;
    private volatile boolean repaired;

    @Override
    public void write(Mutations batch, boolean sync) throws Exception {
      permits.acquire();
      if (broken) {
        throw new IOException("fsync failed");
      }
      sizes.add(batch.size());
      syncs.add(sync);
    }

    @Override
    public void recover() throws Exception {
      if (!repaired) {
        throw new IOException("still broken");
      }
    }
  }

  private final Disk disk = new Disk();
  private final Committer committer = new Committer(disk, PENDING_MAX, COMMIT_MAX);

  @AfterEach
  void close() {
    disk.permits.release(1_000);
    committer.close();
  }

  private static Mutations bytes(int size) {
    Mutations batch = new Mutations(size);
    batch.startPut(Family.STATE, new byte[] {1}, size - 12);
    batch.raw(new byte[size - 12]);
    batch.seal();
    return batch;
  }

  private CompletableFuture<Void> submit(int size, boolean sync) {
    return committer.submit(bytes(size), sync).toCompletableFuture();
  }

  private void untilWriting() {
    StoreTesting.until("a write is under way", disk.permits::hasQueuedThreads);
  }

  @Test
  void whatComesDuringACommitSharesTheNextOne() {
    CompletableFuture<Void> first = submit(100, true);
    untilWriting();
    List<CompletableFuture<Void>> others = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      others.add(submit(100, true));
    }

    disk.permits.release(2);
    others.forEach(StoreTesting::await);

    assertTrue(first.isDone());
    assertEquals(2, disk.sizes.size());
    assertTrue(disk.sizes.get(1) >= 10 * 90, disk.sizes.toString());
  }

  @Test
  void nothingCompletesBeforeItsCommit() {
    CompletableFuture<Void> first = submit(100, true);
    untilWriting();
    CompletableFuture<Void> second = submit(100, true);

    disk.permits.release();
    await(first);
    untilWriting();

    assertFalse(second.isDone());
  }

  @Test
  void aCommitIsSyncedWhenOneOfItsWritersAsksForIt() {
    submit(100, false);
    untilWriting();
    submit(100, false);
    CompletableFuture<Void> last = submit(100, true);

    disk.permits.release(2);
    await(last);

    assertEquals(List.of(false, true), disk.syncs);
  }

  @Test
  void aCommitTakesNoMoreThanItsBound() {
    submit(100, true);
    untilWriting();
    CompletableFuture<Void> last = submit(1_500, true);
    for (int i = 0; i < 3; i++) {
      last = submit(1_500, true);
    }

    disk.permits.release(10);
    await(last);

    assertEquals(5, disk.sizes.size());
  }

  @Test
  void moreThanTheBoundOfPendingBytesIsRefused() {
    submit(100, true);
    untilWriting();
    CompletableFuture<Void> large = submit(9_000, true);

    CompletionStage<Void> refused = submit(2_000, true);

    assertThrows(StoreOverloadedException.class, () -> await(refused));
    disk.permits.release(2);
    await(large);
    disk.permits.release(1);
    await(submit(2_000, true));
    assertEquals(0, committer.pendingBytes());
  }

  @Test
  void aSingleWriteLargerThanTheBoundPasses() {
    disk.permits.release();

    await(submit(50_000, true));

    assertEquals(0, committer.pendingBytes());
  }

  @Test
  @Promise("I23")
  void aFailedCommitFailsAllWritersUntilRecovery() {
    disk.broken = true;
    CompletableFuture<Void> first = submit(100, true);
    untilWriting();
    CompletableFuture<Void> waiting = submit(100, true);
    CompletableFuture<Void> barrier = committer.barrier().toCompletableFuture();

    disk.permits.release();

    assertThrows(StoreUnavailableException.class, () -> await(first));
    assertThrows(StoreUnavailableException.class, () -> await(waiting));
    assertThrows(StoreUnavailableException.class, () -> await(barrier));
    disk.broken = false;
    disk.permits.release(10);
    var refusal = assertThrows(StoreUnavailableException.class, () -> await(submit(100, true)));
    assertTrue(refusal.getMessage().contains("fsync failed"), refusal.getMessage());
    assertTrue(committer.failure() != null);
    assertEquals(List.of(), disk.sizes);

    disk.repaired = true;
    StoreTesting.until("recovery", () -> committer.failure() == null);
    await(submit(100, true));

    assertNull(committer.failure());
    assertEquals(1, disk.sizes.size());
  }

  @Test
  void closingCompletesWhatWasAskedForBefore() {
    CompletableFuture<Void> first = submit(100, true);
    CompletableFuture<Void> second = submit(100, true);
    disk.permits.release(10);

    committer.close();

    assertTrue(first.isDone() && second.isDone());
    assertThrows(StoreUnavailableException.class, () -> await(submit(100, true)));
  }

  @Test
  void closingABrokenOneEnds() {
    disk.broken = true;
    CompletableFuture<Void> failed = submit(100, true);
    disk.permits.release();

    assertThrows(StoreUnavailableException.class, () -> await(failed));

    committer.close();
  }

  @Test
  void theLatencyGrowsWhileACommitIsUnderWay() {
    submit(100, true);
    untilWriting();

    StoreTesting.until("latency above 20 ms", () -> committer.latencyMicros() > 20_000);
  }
}
