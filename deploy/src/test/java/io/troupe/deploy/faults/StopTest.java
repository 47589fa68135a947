package io.troupe.deploy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.deploy.TroupeProcess;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGTERM while clients publish, receive and acknowledge as fast as they can. */
class StopTest {
  private static final int PAIRS = 50;

  @TempDir Path folder;

  /** A persistent session that reads what its feeder publishes, until the broker closes it. */
  private static final class Pair {
    private final String name;
    private final Feeder feeder;
    private final FaultClient reader;
    private final AtomicLong received = new AtomicLong();
    private final Thread thread = new Thread(this::read, "reader");

    Pair(int port, int index) throws IOException {
      name = "pair-" + index;
      feeder = Feeder.start(port, name, 100);
      reader = new FaultClient(port, name, false);
      thread.start();
    }

    private void read() {
      try (reader) {
        while (true) {
          received.set(Feeder.number(reader.receive()));
        }
      } catch (IOException e) {
        // The broker has closed the connection.
      }
    }

    void end() throws InterruptedException {
      feeder.close();
      thread.join(TimeUnit.SECONDS.toMillis(FaultClient.PATIENCE_SECONDS));
      assertFalse(thread.isAlive(), "the broker closes its connections");
    }
  }

  @Test
  @Promise("I21")
  void busyClientsHoldNoStopUpAndNothingAcknowledgedIsLost() throws Exception {
    List<Pair> pairs = new ArrayList<>();
    try (TroupeProcess broker = TroupeProcess.startDev(folder)) {
      for (int i = 0; i < PAIRS; i++) {
        pairs.add(new Pair(broker.port("tcp"), i));
      }
      Health.await("all receive", () -> pairs.stream().allMatch(pair -> pair.received.get() > 5));

      assertEquals(0, broker.terminate(), broker.output());

      assertTrue(broker.output().endsWith("stopped"), broker.output());
      assertFalse(broker.output().contains("timed out"), broker.output());
      for (Pair pair : pairs) {
        pair.end();
      }
    }
    try (TroupeProcess again = TroupeProcess.startDev(folder)) {
      for (Pair pair : pairs) {
        Feeder.assertAllDelivered(
            again.port("tcp"), pair.name, pair.received.get(), pair.feeder.acknowledged());
      }
    }
  }
}
