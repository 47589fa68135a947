package io.troupe.deploy.conformance;

import io.troupe.protocol.conformance.NormativeStatement;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Writes the page of promises and known flaws as Markdown. */
final class PromisesPage {
  private static final String HEAD =
      """
      # Promises

      What the broker promises beside the letter of the specification, and the classes of flaws known from
      other brokers that it must not have: each with the tests that prove it, and with what no test proves
      yet. Generated from the tests' `@Promise` annotations; a test fails when this page is stale. Write it
      anew with
      `mvn -pl deploy -am verify -Dtest=PromisesPageTest -DupdateManual=true -Dsurefire.failIfNoSpecifiedTests=false`.

      A message is *taken over* when its publisher got PUBACK (QoS 1) or PUBREC (QoS 2) with a code below
      0x80. *Whatever fails*: the process is killed or told to stop, the power fails, a disk is full, slow or
      failing, connections are cut; in a cluster, also a node is lost. Longer runs of such faults against a
      broker are described in [Checking](checking.md).
      """;

  private final Proofs proofs;
  private final StringBuilder page = new StringBuilder(HEAD);

  private PromisesPage(Proofs proofs) {
    this.proofs = proofs;
  }

  static String of(Proofs proofs) {
    PromisesPage page = new PromisesPage(proofs);
    page.table("What is promised", "Promise", 'I');
    page.table("Known flaws of brokers", "What is shown", 'F');
    return page.page.toString();
  }

  private void table(String title, String promise, char kind) {
    page.append("\n## ").append(title).append("\n\n");
    page.append("| | ").append(promise).append(" | Tests | Not proven |\n|---|---|---|---|\n");
    for (NormativeStatement each : NormativeStatement.promises()) {
      if (each.number().charAt(0) == kind) {
        NavigableSet<String> tests = proofs.promises().getOrDefault(each.number(), new TreeSet<>());
        page.append(
            "| %s | %s | %s | %s |\n"
                .formatted(
                    each.number(), each.paraphrase(), String.join("<br>", tests), each.reason()));
      }
    }
  }

  /** Promises of which nothing is proven and no reason is given. */
  static List<String> unaccounted(Proofs proofs) {
    return NormativeStatement.promises().stream()
        .filter(each -> each.reason().isEmpty())
        .map(NormativeStatement::number)
        .filter(number -> !proofs.promises().containsKey(number))
        .toList();
  }
}
