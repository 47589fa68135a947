package io.troupe.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that end by themselves. */
class CommandLineTest {
  @TempDir Path folder;

  private TroupeProcess run(String... command) {
    return TroupeProcess.run(folder, Map.of(), command);
  }

  @Test
  void helpAndVersionTellWhatThisIs() {
    try (TroupeProcess help = run("--help");
        TroupeProcess version = run("--version")) {
      assertEquals(0, help.awaitExit());
      assertTrue(help.output().contains("check-config"), help.output());
      assertEquals(0, version.awaitExit());
      assertTrue(version.output().matches("troupe \\d+\\.\\d+.* \\(Java .*\\)"), version.output());
    }
  }

  @Test
  void theExampleConfigurationIsRightOnceItsPasswordFileExists() throws Exception {
    Path example =
        Files.copy(TroupeProcess.home().resolve("conf/troupe.conf"), folder.resolve("troupe.conf"));
    try (TroupeProcess before = run("check-config", example.toString())) {
      assertEquals(3, before.awaitExit());
      assertTrue(before.output().contains("no such file: " + folder.resolve("users.passwd")));
    }
    try (TroupeProcess passwd = run("passwd", "--password-stdin", "users.passwd", "alice")) {
      passwd.type("secret\n");
      assertEquals(0, passwd.awaitExit(), passwd.output());
    }
    try (TroupeProcess after = run("check-config", example.toString())) {
      assertEquals(0, after.awaitExit(), after.output());
    }
    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(folder.resolve("users.passwd"))));
  }

  @Test
  void mistakesComeTogetherWithTheirLines() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("bad.conf"),
            "troupe {\n  dev = true\n  mqtt.receive-maximum = 0\n  lisseners.tcp.port = 1\n}\n");
    try (TroupeProcess check =
        TroupeProcess.run(
            folder, Map.of("TROUPE_MQTT__MAXIMUM_QOS", "3"), "check-config", file.toString())) {
      assertEquals(3, check.awaitExit());
      String output = check.output();
      assertTrue(output.contains("bad.conf:3: troupe.mqtt.receive-maximum: expected"), output);
      assertTrue(output.contains("bad.conf:4: troupe.lisseners: unknown key"), output);
      assertTrue(output.contains("environment variable TROUPE_MQTT__MAXIMUM_QOS"), output);
    }
  }

  @Test
  @Promise("F15")
  void withoutPasswordsItDoesNotStartAndSaysWhatToDo() {
    try (TroupeProcess start = run("start")) {
      assertEquals(3, start.awaitExit());
      assertTrue(start.output().contains("troupe passwd"), start.output());
      assertTrue(start.output().contains("troupe start --dev"), start.output());
    }
  }

  @Test
  void aJavaThatIsMissingOrTooOldIsNamed() throws Exception {
    Path java = Files.createDirectories(folder.resolve("old/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (TroupeProcess old =
            TroupeProcess.run(
                folder, Map.of("JAVA_HOME", folder.resolve("old").toString()), "--version");
        TroupeProcess missing =
            TroupeProcess.run(folder, Map.of("JAVA_HOME", "/nowhere"), "--version")) {
      assertEquals(1, old.awaitExit());
      assertTrue(old.output().contains("is Java 11, but 17 or later is needed"), old.output());
      assertEquals(1, missing.awaitExit());
      assertTrue(missing.output().contains("JAVA_HOME is /nowhere"), missing.output());
    }
  }
}
