package io.troupe.deploy.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.wire.ConnectTest;
import io.troupe.protocol.conformance.NormativeStatement;
import io.troupe.protocol.conformance.NormativeStatement.Binds;
import io.troupe.protocol.conformance.Statement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every normative statement is accounted for, and the page says so. */
class ConformancePageTest {
  private static final Path PAGE = Path.of("docs", "conformance.md");
  private static final Proofs PROOFS =
      Proofs.scan(Statement.class, ConnectTest.class, ConformancePageTest.class);

  @Test
  void theListsAreComplete() {
    // As appendix B of the specifications has them: a line lost here would hide a statement.
    assertEquals(141, numbers(NormativeStatement.ofVersion311()).size());
    assertEquals(251, numbers(NormativeStatement.ofVersion5()).size());
  }

  @Test
  void noTestCitesAStatementThatDoesNotExist() {
    Set<String> unknown311 = new TreeSet<>(PROOFS.v311().keySet());
    unknown311.removeAll(numbers(NormativeStatement.ofVersion311()));
    Set<String> unknown5 = new TreeSet<>(PROOFS.v5().keySet());
    unknown5.removeAll(numbers(NormativeStatement.ofVersion5()));

    assertEquals(Set.of(), unknown311);
    assertEquals(Set.of(), unknown5);
  }

  @Test
  void everyStatementForServersHasATestOrAReasonAndNotBoth() {
    assertEquals(List.of(), wrong(NormativeStatement.ofVersion311(), PROOFS.v311()));
    assertEquals(List.of(), wrong(NormativeStatement.ofVersion5(), PROOFS.v5()));
  }

  private static List<String> wrong(
      List<NormativeStatement> statements, Map<String, NavigableSet<String>> proofs) {
    List<String> wrong = new ArrayList<>();
    for (NormativeStatement statement : statements) {
      boolean proven = proofs.containsKey(statement.number());
      boolean excused = !statement.reason().isEmpty();
      if (proven && excused) {
        wrong.add(statement.number() + " has tests and a reason for none");
      } else if (!proven && !excused && statement.binds() != Binds.CLIENT) {
        wrong.add(statement.number() + " has neither tests nor a reason");
      }
    }
    return wrong;
  }

  private static Set<String> numbers(List<NormativeStatement> statements) {
    return statements.stream().map(NormativeStatement::number).collect(Collectors.toSet());
  }

  @Test
  void thePageIsUpToDate() throws IOException {
    String page = ConformancePage.of(PROOFS);
    if (Boolean.getBoolean("updateManual")) {
      Files.writeString(PAGE, page);
    }

    assertEquals(page, Files.readString(PAGE), "stale: see how to write it anew on the page");
  }
}
