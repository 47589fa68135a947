package io.troupe.deploy.conformance;

import io.troupe.protocol.conformance.NormativeStatement;
import io.troupe.protocol.conformance.NormativeStatement.Binds;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;

/** Writes the page as Markdown. */
final class ConformancePage {
  private final StringBuilder page = new StringBuilder();

  static String of(Proofs proofs) {
    var page = new ConformancePage();
    page.line("# Conformance");
    page.line("");
    page.line(
        "Every numbered normative statement of MQTT 3.1.1 and 5.0, paraphrased, with the tests");
    page.line("that prove it or the reason why there is none. Generated from the tests'");
    page.line("`@Statement` annotations; a test fails when this page is stale. Write it anew with");
    page.line(
        "`mvn -pl deploy -am verify -Dtest=ConformancePageTest -DupdateManual=true"
            + " -Dsurefire.failIfNoSpecifiedTests=false`.");
    page.line("");
    page.line(proofs.tests() + " tests cite statements.");
    page.version("MQTT 3.1.1", NormativeStatement.ofVersion311(), proofs.v311());
    page.version("MQTT 5.0", NormativeStatement.ofVersion5(), proofs.v5());
    return page.page.toString();
  }

  private void version(
      String title, List<NormativeStatement> statements, Map<String, NavigableSet<String>> proofs) {
    long proven = statements.stream().filter(one -> proofs.containsKey(one.number())).count();
    long client =
        statements.stream()
            .filter(one -> one.binds() == Binds.CLIENT && !proofs.containsKey(one.number()))
            .count();
    line("");
    line("## " + title);
    line("");
    line(
        "%d statements: %d with tests, %d that bind only the client and show nothing to a server, %d with a reason."
            .formatted(statements.size(), proven, client, statements.size() - proven - client));
    line("");
    line("| Statement | Binds | What it demands | Proof |");
    line("|---|---|---|---|");
    for (NormativeStatement statement : statements) {
      line(
          "| %s | %s | %s | %s |"
              .formatted(
                  statement.number(),
                  statement.binds().name().toLowerCase(java.util.Locale.ROOT),
                  statement.paraphrase(),
                  proof(statement, proofs.get(statement.number()))));
    }
  }

  private static String proof(NormativeStatement statement, NavigableSet<String> tests) {
    if (tests != null) {
      return String.join("<br>", tests);
    }
    return statement.reason().isEmpty()
        ? "*no test: binds only the client*"
        : "*no test: " + statement.reason() + "*";
  }

  private void line(String text) {
    page.append(text).append('\n');
  }
}
