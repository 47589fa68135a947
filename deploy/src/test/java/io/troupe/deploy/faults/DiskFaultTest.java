package io.troupe.deploy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.troupe.deploy.TroupeProcess;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is full, read-only, failing or slow under the running broker: nothing is acknowledged
 * that is not on disk, clients that need no disk are served, and service returns by itself.
 */
class DiskFaultTest {
  @TempDir Path folder;

  /** A pair of clients whose sessions end with their connections. */
  private static final class Bystanders implements AutoCloseable {
    private final FaultClient publisher;
    private final FaultClient subscriber;
    private int count;

    Bystanders(int port) throws IOException {
      publisher = new FaultClient(port, "bystander-publisher", true);
      subscriber = new FaultClient(port, "bystander-subscriber", true);
      subscriber.subscribe("bystander", 0);
    }

    void assertServed() throws IOException {
      publisher.ping();
      String text = "message " + ++count;
      publisher.send("bystander", text.getBytes(StandardCharsets.UTF_8), 0);
      assertEquals(text, subscriber.receiveText());
    }

    @Override
    public void close() throws IOException {
      publisher.close();
      subscriber.close();
    }
  }

  /** The broker refuses what must be stored, says so, and goes on with everything else. */
  private static void assertFailsClosed(
      TroupeProcess broker, Feeder feeder, Bystanders bystanders, String reason) throws Exception {
    Health.awaitStatus(broker, 503);
    // A write under way as the disk fails may end with Input/output error; the next ones tell why.
    Health.await(reason, () -> Health.ready(broker).body().contains(reason));
    assertEquals(200, Health.live(broker).statusCode());
    bystanders.assertServed();
    long before = feeder.acknowledged();
    int closed = feeder.closed();
    Health.await("publishers are disconnected", () -> feeder.closed() > closed + 1);
    assertEquals(before, feeder.acknowledged(), "acknowledged without a disk");
    bystanders.assertServed();
    try (FaultClient newcomer = new FaultClient(broker.port("tcp"), "newcomer", true)) {
      newcomer.ping();
    }
    assertThrows(
        IOException.class,
        () -> {
          try (FaultClient lasting = new FaultClient(broker.port("tcp"), "lasting", false)) {
            lasting.subscribe("lasting", 1);
          }
        });
    assertTrue(broker.output().contains("nothing is acknowledged until"), broker.output());
  }

  private static void assertServesAgain(TroupeProcess broker, Feeder feeder) {
    Health.awaitStatus(broker, 200);
    long before = feeder.acknowledged();
    Health.await("publishing goes on", () -> feeder.acknowledged() > before + 5);
  }

  private void assertNothingLost(Path data, long acknowledged) throws IOException {
    try (TroupeProcess broker = TroupeProcess.startDev(folder, "--data", data.toString())) {
      Feeder.assertAllDelivered(broker.port("tcp"), acknowledged);
      assertEquals(0, broker.terminate(), broker.output());
    }
  }

  @Test
  @Tag("mount")
  @Promise({"I22", "I23"})
  void aFullDiskStopsAcknowledgementsUntilThereIsSpace() throws Exception {
    try (Disk disk = Disk.ofMemory(folder, "64m")) {
      Path ballast = disk.folder().resolve("ballast");
      Files.write(ballast, new byte[36 << 20]);
      Path data = disk.folder().resolve("data");
      long acknowledged;
      try (TroupeProcess broker = TroupeProcess.startDev(folder, "--data", data.toString());
          Bystanders bystanders = new Bystanders(broker.port("tcp"));
          Feeder feeder = Feeder.start(broker.port("tcp"), 50_000)) {
        assertFailsClosed(broker, feeder, bystanders, "No space left on device");

        Files.delete(ballast);

        assertServesAgain(broker, feeder);
        broker.kill();
        acknowledged = feeder.acknowledged();
      }
      assertNothingLost(data, acknowledged);
    }
  }

  @Test
  @Tag("mount")
  @Promise({"I22", "I23"})
  void aDiskThatTurnsReadOnlyLosesNothing() throws Exception {
    try (Disk disk = Disk.thatTurnsReadOnly(folder, "96m")) {
      Path data = disk.folder().resolve("data");
      long acknowledged;
      try (TroupeProcess broker = TroupeProcess.startDev(folder, "--data", data.toString());
          Bystanders bystanders = new Bystanders(broker.port("tcp"));
          Feeder feeder = Feeder.start(broker.port("tcp"), 1_000)) {
        Health.await("publishing", () -> feeder.acknowledged() > 20);

        disk.turnReadOnly();

        assertFailsClosed(broker, feeder, bystanders, "Read-only file system");
        broker.terminate();
        acknowledged = feeder.acknowledged();
      }
      try (TroupeProcess broker =
          TroupeProcess.run(folder, Map.of(), "start", "--dev", "--data", data.toString())) {
        assertEquals(4, broker.awaitExit(), broker.output());
        assertTrue(broker.output().contains("Read-only file system"), broker.output());
      }

      disk.repair();

      assertNothingLost(data, acknowledged);
    }
  }

  @Test
  @Tag("gcc")
  @Promise("I23")
  void aFailingOrSlowFsyncIsNeverAcknowledgedAndServiceReturns() throws Exception {
    Path library = folder.resolve("faulty-sync.so");
    Path source = Path.of("src/test/resources/faults/faulty-sync.c").toAbsolutePath();
    assumeTrue(
        Disk.run(
            "gcc", "-shared", "-fPIC", "-O2", "-o", library.toString(), source.toString(), "-ldl"),
        "needs gcc: compiles a library that is preloaded into the broker");
    Path order = folder.resolve("order");
    Path data = folder.resolve("data");
    long acknowledged;
    try (TroupeProcess broker =
            TroupeProcess.startDev(
                folder,
                Map.of("LD_PRELOAD", library.toString(), "FAULTY_SYNC", order.toString()),
                "--data",
                data.toString());
        Bystanders bystanders = new Bystanders(broker.port("tcp"));
        Feeder feeder = Feeder.start(broker.port("tcp"), 1_000)) {
      Health.await("publishing", () -> feeder.acknowledged() > 20);

      give(order, "fail");
      assertFailsClosed(broker, feeder, bystanders, "Input/output error");
      assertTrue(Files.size(folder.resolve("order.hits")) > 0, "the library was not called");
      give(order, "");
      assertServesAgain(broker, feeder);

      give(order, "slow");
      Health.await("slow", () -> Health.ready(broker).body().contains("A commit takes"));
      bystanders.assertServed();
      long before = feeder.acknowledged();
      int closed = feeder.closed();
      Health.await("slow acknowledgements", () -> feeder.acknowledged() > before + 1);
      assertEquals(closed, feeder.closed(), "a slow disk disconnects nobody");
      give(order, "");
      assertServesAgain(broker, feeder);
      broker.kill();
      acknowledged = feeder.acknowledged();
    }
    assertNothingLost(data, acknowledged);
  }

  private static void give(Path order, String what) throws IOException {
    Path next = order.resolveSibling("next");
    Files.writeString(next, what);
    Files.move(next, order, StandardCopyOption.ATOMIC_MOVE);
  }
}
