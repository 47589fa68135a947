package io.troupe.http.command;

import io.troupe.broker.auth.PasswordFile;
import io.troupe.broker.auth.PasswordHash;
import io.troupe.broker.config.ClientLimits;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe passwd}: keeps the password file; passwords never appear on the command line. */
@Command(
    name = "passwd",
    description = "Adds a user to a password file, changes a password, or removes a user.",
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class PasswdCommand implements Callable<Integer> {
  private static final int PASSWORD_BYTES_MAX = 65_535;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "FILE", description = "The password file; made if missing.")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "USER", description = "The user name.")
  private String user = "";

  @Option(names = "--password-stdin", description = "Read the password from standard input.")
  private boolean passwordStdin;

  @Option(names = "--delete", description = "Remove the user.")
  private boolean delete;

  @Option(
      names = "--limits",
      paramLabel = "LIMITS",
      description =
          "The client type and limits of the user's offline queues, such as"
              + " type=application,messages-max=1000000,bytes-max=2GiB,age-max=7d,"
              + "when-full=refuse-publisher; \"\" for a device without limits of its own.")
  private @Nullable String limits;

  @Option(names = "--keep-password", description = "Change only the limits.")
  private boolean keepPassword;

  @Override
  public Integer call() throws IOException {
    if (!PasswordFile.isName(user)) {
      throw new ParameterException(
          spec.commandLine(),
          "A user name has no colon, control character or space at its ends, and no # first.");
    }
    List<String> lines = existingLines();
    boolean known = lines.stream().anyMatch(this::isUsers);
    if (delete) {
      return delete(lines, known);
    }
    String options = limits == null ? limitsOf(lines) : limits.strip();
    try {
      ClientLimits.parse(options);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--limits: " + e.getMessage(), e);
    }
    String hash = hash(lines, known);
    if (hash == null) {
      return ExitCode.USAGE;
    }
    String line = user + ":" + hash + (options.isEmpty() ? "" : ":" + options);
    List<String> changed = new ArrayList<>();
    lines.forEach(old -> changed.add(isUsers(old) ? line : old));
    if (!known) {
      changed.add(line);
    }
    write(changed);
    String what = keepPassword ? "Changed the limits of " : "Changed the password of ";
    say((known ? what : "Added ") + user + " in " + file);
    return ExitCode.OK;
  }

  /** Null after telling the person what was wrong. */
  private @Nullable String hash(List<String> lines, boolean known) throws IOException {
    if (keepPassword) {
      if (!known) {
        complain("there is no user " + user + " in " + file + " whose password could be kept");
        return null;
      }
      return part(lines, 1);
    }
    byte @Nullable [] password = password();
    if (password == null) {
      return null;
    }
    String hash = PasswordHash.of(password, new SecureRandom()).text();
    Arrays.fill(password, (byte) 0);
    return hash;
  }

  /** A new password leaves the limits as they are. */
  private String limitsOf(List<String> lines) {
    return part(lines, 2);
  }

  /** A part of the user's line, counted from 0; empty if there is none. */
  private String part(List<String> lines, int index) {
    for (String line : lines) {
      String[] parts = line.split(":", 3);
      if (isUsers(line) && index < parts.length) {
        return parts[index].strip();
      }
    }
    return "";
  }

  private int delete(List<String> lines, boolean known) throws IOException {
    if (!known) {
      complain("there is no user " + user + " in " + file);
      return ExitCode.CONFIGURATION;
    }
    write(lines.stream().filter(line -> !isUsers(line)).toList());
    say("Removed " + user + " from " + file);
    return ExitCode.OK;
  }

  private boolean isUsers(String line) {
    return line.startsWith(user + ":");
  }

  private List<String> existingLines() throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  /**
   * Null after telling the person what was wrong. Since Java 22 there is a console without terminal
   * too; it reads nothing and is answered like differing passwords.
   */
  @SuppressWarnings("SystemConsoleNull")
  private byte @Nullable [] password() throws IOException {
    if (passwordStdin) {
      return checked(firstLine(System.in.readNBytes(PASSWORD_BYTES_MAX + 2)));
    }
    Console console = System.console();
    if (console == null) {
      complain("there is no terminal to type the password in; use --password-stdin");
      return null;
    }
    char @Nullable [] first = console.readPassword("Password for %s: ", user);
    char @Nullable [] second = console.readPassword("Again: ");
    if (first == null || !Arrays.equals(first, second)) {
      complain("the two passwords differ; nothing was changed");
      return null;
    }
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(CharBuffer.wrap(first));
    byte[] password = new byte[bytes.remaining()];
    bytes.get(password);
    Arrays.fill(first, '\0');
    return checked(password);
  }

  private byte @Nullable [] checked(byte[] password) {
    if (password.length == 0) {
      complain("an empty password is no password; nothing was changed");
      return null;
    }
    if (password.length > PASSWORD_BYTES_MAX) {
      complain("a password in MQTT has at most 65,535 bytes; nothing was changed");
      return null;
    }
    return password;
  }

  /** The line end that {@code echo} adds is no part of the password. */
  private static byte[] firstLine(byte[] input) {
    int end = input.length;
    if (end > 0 && input[end - 1] == '\n') {
      end--;
    }
    if (end > 0 && input[end - 1] == '\r') {
      end--;
    }
    return Arrays.copyOf(input, end);
  }

  /** A new file moved over the old one, so that a reader or a crash never sees half of it. */
  private void write(List<String> lines) throws IOException {
    Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new IOException("the folder of " + file + " does not exist; make it first");
    }
    Path temporary =
        Files.createTempFile(
            folder, ".passwd", ".new", PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    try {
      Files.write(temporary, lines);
      if (Files.exists(target)) {
        // The broker may read it as a group member: keep what the operator has set.
        Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  private void complain(String text) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("troupe passwd: " + text);
    err.flush();
  }
}
