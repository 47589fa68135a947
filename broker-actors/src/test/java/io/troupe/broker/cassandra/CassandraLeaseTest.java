package io.troupe.broker.cassandra;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.datastax.oss.driver.api.core.CqlSession;
import io.troupe.broker.store.NodeLease;
import io.troupe.protocol.conformance.Promise;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class CassandraLeaseTest {
  private static final long PATIENCE_SECONDS = 60;

  private static CassandraStore store;
  private static CassandraStore other;

  @BeforeAll
  static void open() {
    store = open("one");
    other = open("two");
  }

  private static CassandraStore open(String node) {
    return CassandraStore.open(
        CassandraQueueLogTest.settings("leases", 1 << 20), node, Duration.ofSeconds(1));
  }

  @AfterAll
  static void close() {
    store.close();
    other.close();
  }

  private static void awaitHeld(NodeLease lease) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!lease.isHeld()) {
      assertTrue(System.nanoTime() < end, "the lease is not had");
      LockSupport.parkNanos(10_000_000);
    }
  }

  @Test
  @Promise("I19")
  void aLifeHoldsItsLeaseUntilAnotherEndsItAndThenNeverAgain() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    assertFalse(store.lease().isHeld());
    store.lease().begin("one#1", ended::countDown);
    awaitHeld(store.lease());

    other.lease().end("one#1").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    assertFalse(store.lease().isHeld());
    assertTrue(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    other.lease().end("one#1").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void aLifeThatDoesNotRenewHoldsNothingWhenItsEndIsSettled() throws Exception {
    CassandraStore paused = open("paused");
    paused.lease().begin("paused#1", () -> {});
    awaitHeld(paused.lease());
    paused.close(); // as a stopped process: it neither renews nor hears anything

    other.lease().end("paused#1").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    assertFalse(paused.lease().isHeld());
  }

  private static List<String> live() throws Exception {
    return other.lease().live().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void aLifeIsLiveWhileItsLeaseIsNeitherOldNorEnded() throws Exception {
    CassandraStore released = open("released");
    released.lease().begin("released#1", () -> {});
    awaitHeld(released.lease());
    assertTrue(live().contains("released#1"));

    released.lease().release();

    assertFalse(released.lease().isHeld());
    assertFalse(live().contains("released#1"));
    released.close();
  }

  @Test
  void aLeaseThatWasNotRenewedForTenSecondsIsOld() throws Exception {
    InetSocketAddress server = CassandraServer.shared().contactPoint();
    try (CqlSession session =
        CqlSession.builder()
            .addContactPoint(server)
            .withLocalDatacenter("datacenter1")
            .withKeyspace("leases")
            .build()) {
      long now = TimeUnit.MILLISECONDS.toMicros(System.currentTimeMillis());
      String insert = "INSERT INTO node_leases (life, ended) VALUES (?, false) USING TIMESTAMP ?";
      session.execute(insert, "old#1", now - TimeUnit.SECONDS.toMicros(10));
      session.execute(insert, "young#1", now + TimeUnit.SECONDS.toMicros(PATIENCE_SECONDS));
    }

    assertFalse(live().contains("old#1"));
    assertTrue(live().contains("young#1"));
  }

  @Test
  void aLifeThatHadNotBegunWhenItWasEndedNeverHoldsALease() throws Exception {
    CassandraStore late = open("late");
    CountDownLatch ended = new CountDownLatch(1);
    other.lease().end("late#1").toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);

    late.lease().begin("late#1", ended::countDown);

    assertTrue(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
    assertFalse(late.lease().isHeld());
    late.close();
  }
}
