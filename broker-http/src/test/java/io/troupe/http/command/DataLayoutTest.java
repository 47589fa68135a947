package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.BrokerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataLayoutTest {
  @TempDir Path folder;

  private BrokerConfig config(Map<String, ?> settings) throws Exception {
    Map<String, Object> all = new HashMap<>(settings);
    all.put("troupe.dev", true);
    all.put("troupe.data-dir", folder.toString());
    return BrokerConfig.of(all);
  }

  @Test
  void theSameSettingsStartAgainAndAgain() throws Exception {
    DataLayout.check(config(Map.of()));

    assertDoesNotThrow(() -> DataLayout.check(config(Map.of("troupe.mqtt.retain", false))));
  }

  @Test
  void changedPlacesOfDataRefuseTheStart() throws Exception {
    DataLayout.check(config(Map.of()));

    StartFailure failure =
        assertThrows(
            StartFailure.class,
            () ->
                DataLayout.check(
                    config(
                        Map.of("troupe.routing.partitions", 8, "troupe.retained.partitions", 2))));

    assertTrue(
        String.valueOf(failure.getMessage())
            .contains(
                "set troupe.retained.partitions = 16 (not 2), troupe.routing.partitions = 64 (not"
                    + " 8)"),
        failure.getMessage());
  }

  @Test
  void aDamagedFileIsNamed() throws Exception {
    Files.writeString(folder.resolve("LAYOUT"), "nonsense\n");

    assertThrows(StartFailure.class, () -> DataLayout.check(config(Map.of())));
  }
}
