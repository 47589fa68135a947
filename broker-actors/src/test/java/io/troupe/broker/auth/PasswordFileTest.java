package io.troupe.broker.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.ClientLimits;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileTest {
  private static final String HASH =
      PasswordHash.of("x".getBytes(StandardCharsets.UTF_8), new SecureRandom()).text();

  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("users"), text);
  }

  private String mistake(String text) throws IOException {
    Path file = write(text);
    MalformedFileException e =
        assertThrows(MalformedFileException.class, () -> PasswordFile.read(file));
    return e.getMessage().replace(file.toString(), "users");
  }

  @Test
  void commentsAndEmptyLinesDoNotCount() throws Exception {
    PasswordFile file =
        PasswordFile.read(write("# people\n\nalice:" + HASH + "\nbob smith:" + HASH + "\n"));

    assertEquals(2, file.size());
  }

  @Test
  @Promise("F12")
  void aDamagedFileIsRefusedWithItsLine() throws IOException {
    assertEquals(
        "users:2: expected an Argon2id or bcrypt hash for user bob; make it with \"troupe passwd\"",
        mistake("alice:" + HASH + "\nbob:plaintext\n"));
    assertEquals("users:1: expected NAME:HASH or NAME:HASH:LIMITS", mistake("alice\n"));
    assertEquals("users:1: expected NAME:HASH or NAME:HASH:LIMITS", mistake(":" + HASH + "\n"));
    assertEquals("users:2: user a comes twice", mistake("a:" + HASH + "\na:" + HASH + "\n"));
  }

  @Test
  void aUserMayHaveATypeAndLimits() throws Exception {
    PasswordFile file =
        PasswordFile.read(
            write(
                "a:"
                    + HASH
                    + "\nb:"
                    + HASH
                    + ":type=application, messages-max=5 \nc:"
                    + HASH
                    + ":"));

    assertEquals(ClientLimits.DEVICE, file.user("a").limits());
    assertEquals("type=application,messages-max=5", file.user("b").limits().text());
    assertEquals(ClientLimits.DEVICE, file.user("c").limits());
  }

  @Test
  void limitsNotUnderstoodAreRefusedWithTheirLine() throws IOException {
    assertEquals(
        "users:2: limits of user b: messages-max: expected a whole number from 1 to 1000000000000,"
            + " found \"0\"",
        mistake("a:" + HASH + "\nb:" + HASH + ":messages-max=0\n"));
    assertEquals(
        "users:1: limits of user a: expected KEY=VALUE with a key of type, messages-max, bytes-max,"
            + " age-max, when-full, found \"size=1\"",
        mistake("a:" + HASH + ":size=1\n"));
  }

  @Test
  @Promise("F12")
  void anEmptyFileIsRefused() throws IOException {
    assertTrue(mistake("").startsWith("users: no user in it"));
    assertTrue(mistake("# nobody\n").startsWith("users: no user in it"));
  }

  @Test
  void aBinaryFileIsRefused() throws IOException {
    Path file = Files.write(folder.resolve("users"), new byte[] {(byte) 0xC3, (byte) 0x28});

    assertThrows(MalformedFileException.class, () -> PasswordFile.read(file));
  }

  @Test
  void aMissingFileIsAnInputError() {
    assertThrows(IOException.class, () -> PasswordFile.read(folder.resolve("none")));
  }

  @Test
  void hashesOfUnreasonableCostAreRefused() {
    assertFalse(PasswordHash.parse(HASH.replace("m=19456", "m=99999999")).isPresent());
    assertFalse(PasswordHash.parse(HASH.replace("t=2", "t=100000")).isPresent());
    assertFalse(PasswordHash.parse(HASH.replace("t=2", "t=0")).isPresent());
    assertFalse(PasswordHash.parse("$2y$31$" + "a".repeat(53)).isPresent());
    assertTrue(PasswordHash.parse(HASH).isPresent());
  }

  @Test
  void theSamePasswordHashesDifferentlyEachTime() {
    byte[] password = "x".getBytes(StandardCharsets.UTF_8);

    PasswordHash one = PasswordHash.of(password, new SecureRandom());
    PasswordHash two = PasswordHash.of(password, new SecureRandom());

    assertFalse(one.text().equals(two.text()));
    assertTrue(one.matches(password) && two.matches(password));
    assertFalse(one.matches(new byte[0]));
  }
}
