package io.troupe.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The manual agrees with what it describes. */
class ManualTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path DOCS = ROOT.resolve("deploy/docs");
  private static final Path REFERENCE =
      ROOT.resolve("broker-actors/src/main/resources/reference.conf");

  /** Set to "true" to write the page instead of checking it. */
  private static final String UPDATE = "updateManual";

  @Test
  void theConfigurationPageIsTheReference() throws IOException {
    Path page = DOCS.resolve("configuration.md");
    String expected = new ConfigurationPage(Files.readAllLines(REFERENCE)).markdown();
    if (Boolean.getBoolean(UPDATE)) {
      Files.writeString(page, expected);
    }
    assertEquals(
        expected,
        Files.exists(page) ? Files.readString(page) : "",
        "stale; write it anew with: mvn verify -pl deploy -am -Dtest=ManualTest"
            + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest.argLine=-DupdateManual=true");
  }

  @Test
  void theReadmesCommandsAreTheseTwo() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));

    assertTrue(
        readme.contains(
            "\nmvn -q -DskipTests package && deploy/target/troupe/bin/troupe start --dev\n"));
    assertTrue(readme.contains("\nmvn verify\n"));
  }

  @Test
  void relativeLinksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    try (Stream<Path> pages = Files.walk(DOCS)) {
      List<Path> all = new ArrayList<>(pages.filter(p -> p.toString().endsWith(".md")).toList());
      all.add(ROOT.resolve("README.md"));
      for (Path page : all) {
        Matcher link =
            Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)").matcher(Files.readString(page));
        while (link.find()) {
          if (!Files.exists(page.resolveSibling(link.group(1)))) {
            broken.add(page + " -> " + link.group(1));
          }
        }
      }
    }
    assertEquals(List.of(), broken);
  }
}
