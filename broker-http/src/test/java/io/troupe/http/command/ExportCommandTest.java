package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code troupe export} and {@code troupe import}. */
class ExportCommandTest {
  private static final String RULES = "user alice\n  allow publish plant/%u/#\nall\n  deny all #\n";

  @TempDir Path folder;

  private Path config;
  private Path exported;

  @BeforeEach
  void configure() throws Exception {
    CommandLineRun passwd =
        CommandLineRun.withInput(
            "the password\n",
            "passwd",
            "--password-stdin",
            "--limits",
            "type=application",
            folder.resolve("users").toString(),
            "alice");
    assertEquals(0, passwd.exitCode(), passwd.err());
    Files.writeString(folder.resolve("acl"), RULES);
    config =
        Files.writeString(
            folder.resolve("t.conf"),
            """
            troupe {
              data-dir = data
              auth { password-file = users, acl-file = acl }
              listeners.tcp.port = 1884
              routing.shared-strategies = ["billing=hash-client"]
              store.cassandra.password = "cassandra's secret"
            }
            """);
    exported = folder.resolve("exported.json");
  }

  private CommandLineRun export() {
    return CommandLineRun.of("export", "--config", config.toString(), "--to", exported.toString());
  }

  private CommandLineRun importInto(Path target) {
    return CommandLineRun.of("import", exported.toString(), "--to", target.toString());
  }

  @Test
  void whatIsExportedIsTheSameAfterImport() throws Exception {
    CommandLineRun export = export();
    Path target = folder.resolve("imported");
    CommandLineRun imported = importInto(target);

    assertEquals(0, export.exitCode(), export.err());
    assertEquals(0, imported.exitCode(), imported.err());
    assertEquals(
        Files.readString(folder.resolve("users")),
        Files.readString(target.resolve("users.passwd")));
    assertEquals(RULES, Files.readString(target.resolve("access.rules")));
    CommandLineRun check = CommandLineRun.of("check-config", target + "/troupe.conf");
    assertEquals(0, check.exitCode(), check.err());
    assertTrue(check.out().contains("listener tcp on *:1884"), check.out());
    assertTrue(check.out().contains("data in " + folder.resolve("data")), check.out());
    assertTrue(Files.readString(target.resolve("troupe.conf")).contains("billing=hash-client"));
    for (Path file : new Path[] {exported, target.resolve("users.passwd")}) {
      assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }
  }

  @Test
  void noSecretIsExported() throws Exception {
    CommandLineRun run = export();

    String text = Files.readString(exported);
    assertFalse(text.contains("the password"), text);
    assertFalse(text.contains("cassandra's secret"), text);
    assertTrue(text.contains("alice:$argon2id$"), text);
    assertTrue(run.out().contains("left out, as it is a secret: troupe.store.cassandra.password"));
    assertTrue(
        importInto(folder.resolve("imported"))
            .out()
            .contains("set this secret yourself: troupe.store.cassandra.password"));
  }

  @Test
  void allMistakesAreToldAndNothingIsMade() throws Exception {
    export();
    String text = Files.readString(exported);
    Files.writeString(
        exported,
        text.replace("1884", "99999")
            .replace("alice:$argon2id$", "alice:plain$")
            .replace("deny all #", "forbid all #")
            .replace("billing=hash-client", "billing=wrong"));
    Path target = folder.resolve("imported");

    CommandLineRun run = importInto(target);

    assertEquals(ExitCode.CONFIGURATION, run.exitCode());
    assertTrue(run.err().contains("has 4 mistakes; nothing was imported:"), run.err());
    assertTrue(run.err().contains("  users:1: expected an Argon2id"), run.err());
    assertTrue(run.err().contains("  access-rules:4: expected"), run.err());
    assertTrue(run.err().contains("  settings: troupe.listeners.tcp.port: "), run.err());
    assertTrue(run.err().contains("  settings: troupe.routing.shared-strategies: "), run.err());
    assertFalse(Files.exists(target));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(4, left.count(), "users, acl, t.conf, exported.json");
    }
  }

  @Test
  void whatIsNoExportIsRefused() throws Exception {
    for (String text :
        new String[] {
          "",
          "{",
          "{}",
          "[1]",
          "{\"troupe-configuration\": 2, \"settings\": {}}",
          "{\"troupe-configuration\": 1}",
          "{\"troupe-configuration\": 1, \"settings\": {}, \"user\": []}",
          "{\"troupe-configuration\": 1, \"settings\": {}, \"users\": [\"a\\nb\"]}",
          "{\"troupe-configuration\": 1, \"settings\": {}, \"users\": 1}"
        }) {
      Files.writeString(exported, text);
      CommandLineRun run = importInto(folder.resolve("imported"));
      assertEquals(ExitCode.CONFIGURATION, run.exitCode(), text + ": " + run.err());
      assertTrue(run.err().contains("nothing was imported"), text + ": " + run.err());
    }
    assertFalse(Files.exists(folder.resolve("imported")));
  }

  @Test
  void nothingIsOverwritten() throws Exception {
    Files.writeString(exported, "mine");
    assertEquals(ExitCode.FAILED, export().exitCode());
    assertEquals("mine", Files.readString(exported));

    Files.delete(exported);
    export();
    Path target = Files.createDirectory(folder.resolve("there"));
    assertEquals(ExitCode.FAILED, importInto(target).exitCode());
    try (Stream<Path> files = Files.list(target)) {
      assertEquals(0, files.count());
    }
  }
}
