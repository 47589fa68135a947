package io.troupe.http.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.auth.PasswordFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswdCommandTest {
  @TempDir Path folder;

  private CommandLineRun passwd(String password, String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "passwd";
    all[1] = "--password-stdin";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return CommandLineRun.withInput(password, all);
  }

  private Path file() {
    return folder.resolve("users");
  }

  @Test
  void aNewFileIsForItsOwnerOnly() throws Exception {
    CommandLineRun run = passwd("secret\n", file().toString(), "alice");

    assertEquals(0, run.exitCode(), run.err());
    assertEquals(1, PasswordFile.read(file()).size());
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    assertFalse(Files.readString(file()).contains("secret"));
  }

  @Test
  void aSecondUserIsAddedAndACommentKept() throws Exception {
    Files.writeString(file(), "# people\n");
    passwd("a", file().toString(), "alice");
    passwd("b", file().toString(), "bob");

    assertEquals(2, PasswordFile.read(file()).size());
    assertTrue(Files.readString(file()).startsWith("# people\n"));
  }

  @Test
  void aPasswordIsChangedInPlace() throws Exception {
    passwd("a", file().toString(), "alice");
    String before = Files.readString(file());

    CommandLineRun run = passwd("b", file().toString(), "alice");

    assertTrue(run.out().startsWith("Changed the password of alice"));
    assertFalse(before.equals(Files.readString(file())));
    assertEquals(1, PasswordFile.read(file()).size());
  }

  @Test
  void limitsAreSetAndKeptAndTakenAway() throws Exception {
    passwd("a", "--limits", "type=application,messages-max=5", file().toString(), "alice");
    String first = Files.readString(file());
    passwd("b", file().toString(), "alice");
    String second = Files.readString(file());
    CommandLineRun.of(
        "passwd", "--keep-password", "--limits", "age-max=1d", file().toString(), "alice");
    String third = Files.readString(file());
    CommandLineRun.of("passwd", "--keep-password", "--limits", "", file().toString(), "alice");

    assertTrue(first.endsWith(":type=application,messages-max=5\n"), first);
    assertTrue(second.endsWith(":type=application,messages-max=5\n"), second);
    assertFalse(second.equals(first));
    assertEquals(second.replace("type=application,messages-max=5", "age-max=1d"), third);
    assertEquals(third.replace(":age-max=1d", ""), Files.readString(file()));
  }

  @Test
  void limitsNotUnderstoodChangeNothing() {
    CommandLineRun run = passwd("a", "--limits", "messages-max=no", file().toString(), "alice");
    CommandLineRun unknown =
        CommandLineRun.of("passwd", "--keep-password", file().toString(), "nobody");

    assertEquals(ExitCode.USAGE, run.exitCode());
    assertTrue(run.err().contains("--limits: messages-max: expected a whole number"), run.err());
    assertEquals(ExitCode.USAGE, unknown.exitCode());
    assertTrue(unknown.err().contains("no user nobody"), unknown.err());
    assertFalse(Files.exists(file()));
  }

  @Test
  void aUserIsRemoved() throws Exception {
    passwd("a", file().toString(), "alice");
    passwd("b", file().toString(), "bob");

    assertEquals(0, CommandLineRun.of("passwd", "--delete", file().toString(), "bob").exitCode());
    assertEquals(1, PasswordFile.read(file()).size());
    CommandLineRun again = CommandLineRun.of("passwd", "--delete", file().toString(), "bob");
    assertEquals(ExitCode.CONFIGURATION, again.exitCode());
    assertTrue(again.err().contains("no user bob"));
  }

  @Test
  void impossibleNamesAndEmptyPasswordsAreRefused() {
    CommandLineRun name = passwd("a", file().toString(), "a:b");
    CommandLineRun empty = passwd("\n", file().toString(), "alice");

    assertEquals(ExitCode.USAGE, name.exitCode());
    assertTrue(name.err().contains("no colon"));
    assertEquals(ExitCode.USAGE, empty.exitCode());
    assertFalse(Files.exists(file()));
  }

  @Test
  void aMissingFolderIsNamed() {
    CommandLineRun run = passwd("a", folder.resolve("none/users").toString(), "alice");

    assertEquals(ExitCode.FAILED, run.exitCode());
    assertTrue(run.err().contains("does not exist"), run.err());
  }
}
