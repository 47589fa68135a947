package io.troupe.deploy.faults;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.deploy.TroupeProcess;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a start makes of a log that is damaged: cut where nothing was acknowledged, else refused.
 */
class DamageTest {
  @TempDir Path folder;

  @Test
  @Promise("I22")
  void damageInTheMiddleRefusesTheStartAndDamageAtTheEndIsCutOff() throws Exception {
    long acknowledged;
    try (TroupeProcess broker = TroupeProcess.startDev(folder);
        Feeder feeder = Feeder.start(broker.port("tcp"), 1_000)) {
      Health.await("publishing", () -> feeder.acknowledged() > 100);
      broker.kill();
      acknowledged = feeder.acknowledged();
    }
    Path log = writeAheadLog();
    byte[] whole = Files.readAllBytes(log);
    byte[] flipped = whole.clone();
    flipped[whole.length / 2] ^= 1;
    Files.write(log, flipped);

    try (TroupeProcess broker =
        TroupeProcess.run(folder, Map.of(), "start", "--dev", "--data", "data")) {
      assertEquals(4, broker.awaitExit(), broker.output());
      String place = log.getFileName() + " at byte ";
      assertTrue(broker.output().contains(place), broker.output());
      assertTrue(broker.output().contains("on-damage"), broker.output());
    }
    assertArrayEquals(flipped, Files.readAllBytes(log), "a refused start changes nothing");

    Files.write(log, whole);
    Files.write(
        log,
        "the beginning of a record".getBytes(StandardCharsets.UTF_8),
        StandardOpenOption.APPEND);
    try (TroupeProcess broker = TroupeProcess.startDev(folder)) {
      Feeder.assertAllDelivered(broker.port("tcp"), acknowledged);
    }
  }

  private Path writeAheadLog() throws IOException {
    try (var files = Files.list(folder.resolve("data/store/db"))) {
      return files
          .filter(file -> file.toString().endsWith(".log"))
          .max(Comparator.comparingLong(file -> file.toFile().length()))
          .orElseThrow();
    }
  }
}
