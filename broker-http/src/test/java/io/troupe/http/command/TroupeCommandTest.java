package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.http.DevelopmentCertificate;
import io.troupe.http.Version;
import io.troupe.protocol.conformance.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command line, in this process. */
public class TroupeCommandTest {
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

  /** Never open: neither a start nor a check passes over a file that says who may do what. */
  @ParameterizedTest(name = "{0}, {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "missing   | password-file | no such file",
        "missing   | acl-file      | no such file",
        "directory | password-file | no such file",
        "directory | acl-file      | no such file",
        "empty     | password-file | no user in it; add one with \"troupe passwd",
        "empty     | acl-file      | no rule in it, so nobody could do anything; leave acl-file",
        "comments  | password-file | no user in it",
        "comments  | acl-file      | no rule in it",
        "damaged   | password-file | :1: expected",
        "damaged   | acl-file      | :1: expected",
        "broken    | password-file | cannot be read: Input/output error",
        "broken    | acl-file      | cannot be read: Input/output error",
        "binary    | password-file | not UTF-8 text",
        "binary    | acl-file      | not UTF-8 text"
      })
  @Promise("F12")
  void withoutItsRulesTheBrokerDoesNotStart(String state, String key, String advice)
      throws Exception {
    // What cannot be read is so for every user, root too.
    Path named = state.equals("broken") ? Path.of("/proc/self/mem") : folder.resolve("named");
    switch (state) {
      case "missing", "broken" -> {}
      case "directory" -> Files.createDirectory(named);
      case "empty" -> Files.createFile(named);
      case "comments" -> Files.writeString(named, "# nothing else\n\n");
      case "damaged" -> Files.writeString(named, "damaged\n");
      case "binary" -> Files.write(named, new byte[] {(byte) 0xFF, (byte) 0xFE, 0, 'x'});
      default -> throw new AssertionError(state);
    }
    Path file =
        Files.writeString(
            folder.resolve("t.conf"),
            "troupe { dev = true, auth { allow-anonymous = true, "
                + key
                + " = \""
                + named
                + "\" } }\n");
    Path data = folder.resolve("data");

    CommandLineRun check = CommandLineRun.of("check-config", file.toString());
    CommandLineRun start =
        CommandLineRun.of("start", "--config", file.toString(), "--data", data.toString());

    for (CommandLineRun run : List.of(check, start)) {
      assertEquals(ExitCode.CONFIGURATION, run.exitCode());
      assertTrue(run.err().contains(advice), run.err());
      assertTrue(run.err().contains(named.toString()), run.err());
    }
    assertTrue(Files.notExists(data));
  }

  @Test
  void certificatesThatTheConfigurationNamesAreCheckedToo() throws Exception {
    DevelopmentCertificate.in(folder, Instant.now().minus(Duration.ofDays(400)));
    Files.writeString(folder.resolve("garbage.pem"), "garbage\n");
    String text =
        "troupe { dev = true, listeners.tls {\ncertificate-chain = %s\nprivate-key = server-key.pem } }\n";
    Path expired = Files.writeString(folder.resolve("a.conf"), text.formatted("server.pem"));
    Path garbage = Files.writeString(folder.resolve("b.conf"), text.formatted("garbage.pem"));

    CommandLineRun warned = CommandLineRun.of("check-config", expired.toString());
    CommandLineRun refused = CommandLineRun.of("check-config", garbage.toString());

    assertEquals(ExitCode.OK, warned.exitCode(), warned.err());
    assertTrue(
        warned
            .out()
            .contains(
                "  warning: "
                    + expired
                    + ":2: troupe.listeners.tls.certificate-chain: "
                    + folder.resolve("server.pem")
                    + ": the certificate of CN=localhost expired on "),
        warned.out());
    assertEquals(ExitCode.CONFIGURATION, refused.exitCode());
    assertTrue(
        refused
            .err()
            .contains(
                garbage
                    + ":2: troupe.listeners.tls.certificate-chain: "
                    + folder.resolve("garbage.pem")
                    + " holds no PEM certificates"),
        refused.err());
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
