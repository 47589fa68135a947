package io.troupe.broker.auth;

import io.troupe.broker.config.ClientLimits;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * User names and hashed passwords, as read at one moment; immutable. One {@code NAME:HASH} or
 * {@code NAME:HASH:LIMITS} per line, with limits as {@link ClientLimits#parse} reads them; empty
 * lines and lines that begin with {@code #} do not count.
 */
public final class PasswordFile {
  /** Millions of users belong in a database; this bounds what a wrong path can read. */
  private static final long FILE_BYTES_MAX = 256L * 1024 * 1024;

  /** One line. */
  record User(PasswordHash hash, ClientLimits limits) {}

  private final Map<String, User> users;

  private PasswordFile(Map<String, User> users) {
    this.users = Map.copyOf(users);
  }

  /**
   * Reads the whole file.
   *
   * @throws MalformedFileException if a line is not understood, a name comes twice, or there is no
   *     user at all: a damaged file must never let the broker run with fewer rules than meant
   * @throws IOException if it cannot be read
   */
  public static PasswordFile read(Path file) throws IOException, MalformedFileException {
    Parser parser = new Parser(file);
    for (String line : lines(file)) {
      parser.line(line);
    }
    parser.end();
    return new PasswordFile(parser.users);
  }

  /**
   * Everything that is wrong with the lines of such a file.
   *
   * @param file its name in the messages
   */
  public static List<String> mistakes(Path file, List<String> lines) {
    return LineParser.mistakes(new Parser(file), lines);
  }

  private static final class Parser implements LineParser {
    private final Path file;
    private final Map<String, User> users = new HashMap<>();
    private int number;

    Parser(Path file) {
      this.file = file;
    }

    @Override
    public void line(String line) throws MalformedFileException {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        return;
      }
      int colon = line.indexOf(':');
      if (colon < 0 || !isName(line.substring(0, colon))) {
        throw new MalformedFileException(file, number, "expected NAME:HASH or NAME:HASH:LIMITS");
      }
      String name = line.substring(0, colon);
      if (users.put(name, user(name, line.substring(colon + 1))) != null) {
        throw new MalformedFileException(file, number, "user " + name + " comes twice");
      }
    }

    private User user(String name, String rest) throws MalformedFileException {
      int end = rest.indexOf(':');
      Optional<PasswordHash> hash =
          PasswordHash.parse((end < 0 ? rest : rest.substring(0, end)).strip());
      if (hash.isEmpty()) {
        throw new MalformedFileException(
            file,
            number,
            "expected an Argon2id or bcrypt hash for user "
                + name
                + "; make it with \"troupe passwd\"");
      }
      try {
        ClientLimits limits = ClientLimits.parse(end < 0 ? "" : rest.substring(end + 1).strip());
        return new User(hash.get(), limits);
      } catch (IllegalArgumentException e) {
        throw new MalformedFileException(
            file, number, "limits of user " + name + ": " + e.getMessage());
      }
    }

    @Override
    public void end() throws MalformedFileException {
      if (users.isEmpty()) {
        throw new MalformedFileException(
            file, 0, "no user in it; add one with \"troupe passwd " + file + " USER\"");
      }
    }
  }

  static List<String> lines(Path file) throws IOException, MalformedFileException {
    if (Files.size(file) > FILE_BYTES_MAX) {
      throw new MalformedFileException(file, 0, "larger than 256 MiB");
    }
    try {
      return Files.readAllLines(file);
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(file, 0, "not UTF-8 text");
    }
  }

  /** Whether a line of the file can carry this user name: 1 to 65,535 characters, no colon. */
  public static boolean isName(String name) {
    return !name.isEmpty()
        && name.length() <= 65_535
        && !name.startsWith("#")
        && name.indexOf(':') < 0
        && name.chars().noneMatch(Character::isISOControl)
        && name.strip().equals(name);
  }

  @Nullable User user(String username) {
    return users.get(username);
  }

  /** Some user's hash: what checking a password costs with this file. */
  PasswordHash anyHash() {
    return users.values().iterator().next().hash();
  }

  /** How many users. */
  public int size() {
    return users.size();
  }
}
