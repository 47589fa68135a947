package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.http.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TroupeCommandTest {
  @TempDir Path folder;

  @Test
  void versionAndHelpSucceed() {
    CommandLineRun version = CommandLineRun.of("--version");
    CommandLineRun help = CommandLineRun.of("--help");

    assertEquals(0, version.exitCode());
    assertTrue(version.out().startsWith("troupe " + Version.NUMBER + " (Java "), version.out());
    assertTrue(help.out().contains("check-config"), help.out());
    assertTrue(CommandLineRun.of("start", "--help").out().contains("--wss-port"));
    assertTrue(CommandLineRun.of().out().contains("Usage"));
  }

  @Test
  void wrongUseIsExitCode2() {
    assertEquals(ExitCode.USAGE, CommandLineRun.of("strat").exitCode());
    assertEquals(ExitCode.USAGE, CommandLineRun.of("start", "--prot", "1").exitCode());
    assertEquals(ExitCode.USAGE, CommandLineRun.of("start", "--port", "abc").exitCode());
    assertEquals(ExitCode.USAGE, CommandLineRun.of("passwd").exitCode());
  }

  @Test
  void aRightConfigurationIsSummarized() throws Exception {
    Path file = Files.writeString(folder.resolve("t.conf"), "troupe.dev = true\n");

    CommandLineRun run = CommandLineRun.of("check-config", file.toString());

    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("listener tcp on 127.0.0.1:1883"), run.out());
  }

  @Test
  void everyMistakeIsListedWithItsPlace() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("t.conf"), "troupe.dev = true\ntroupe.mqtt.retian = on\ntroupe.x = 1\n");

    CommandLineRun run = CommandLineRun.of("check-config", file.toString());

    assertEquals(ExitCode.CONFIGURATION, run.exitCode());
    assertTrue(run.err().startsWith("The configuration has 2 mistakes:"), run.err());
    assertTrue(run.err().contains("t.conf:2: troupe.mqtt.retian: unknown key"), run.err());
    assertTrue(run.err().contains("t.conf:3: troupe.x: unknown key"), run.err());
  }

  @Test
  void filesThatTheConfigurationNamesAreCheckedToo() throws Exception {
    Files.writeString(folder.resolve("users"), "alice:plaintext\n");
    Files.writeString(folder.resolve("acl"), "all\nallow everything\n");
    Path file =
        Files.writeString(
            folder.resolve("t.conf"), "troupe.auth { password-file = users, acl-file = acl }\n");

    CommandLineRun run = CommandLineRun.of("check-config", file.toString());

    assertEquals(ExitCode.CONFIGURATION, run.exitCode());
    assertTrue(run.err().contains("users:1: expected an Argon2id"), run.err());
    assertTrue(run.err().contains("acl:2: expected"), run.err());
  }

  @Test
  void aRefusedStartListsTheMistakesAndLeavesNothing() {
    Path data = folder.resolve("data");

    CommandLineRun run =
        CommandLineRun.of("start", "--dev", "--port", "99999", "--data", data.toString());

    assertEquals(ExitCode.CONFIGURATION, run.exitCode());
    assertTrue(
        run.err().contains("option --port: troupe.listeners.tcp.port: expected a whole number"),
        run.err());
    assertTrue(Files.notExists(data));
  }
}
