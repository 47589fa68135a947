package io.troupe.deploy.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.wire.ConnectTest;
import io.troupe.http.command.TroupeCommandTest;
import io.troupe.protocol.conformance.NormativeStatement;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every promise and every known flaw is accounted for, and the page says so. */
class PromisesPageTest {
  private static final Path PAGE = Path.of("docs", "promises.md");
  private static final Proofs PROOFS =
      Proofs.scan(
          Promise.class, ConnectTest.class, TroupeCommandTest.class, PromisesPageTest.class);

  private static List<String> numbers() {
    return NormativeStatement.promises().stream().map(NormativeStatement::number).toList();
  }

  @Test
  void theListIsComplete() {
    assertEquals(
        Stream.concat(
                IntStream.rangeClosed(1, 25).mapToObj(number -> "I" + number),
                IntStream.rangeClosed(1, 17).mapToObj(number -> "F" + number))
            .toList(),
        numbers());
  }

  @Test
  void noTestCitesAPromiseThatDoesNotExist() {
    Set<String> unknown = new TreeSet<>(PROOFS.promises().keySet());
    numbers().forEach(unknown::remove);

    assertEquals(Set.of(), unknown);
  }

  @Test
  void everyPromiseHasATestOrAReason() {
    assertEquals(List.of(), PromisesPage.unaccounted(PROOFS));
  }

  @Test
  void thePageIsUpToDate() throws IOException {
    String page = PromisesPage.of(PROOFS);
    if (Boolean.getBoolean("updateManual")) {
      Files.writeString(PAGE, page);
    }

    assertEquals(page, Files.readString(PAGE), "stale: see how to write it anew on the page");
  }
}
