package io.troupe.broker.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * A salted password hash that is slow to try: Argon2id, which {@code troupe passwd} makes, or
 * bcrypt, which other tools make. Its text is the usual one: {@code
 * $argon2id$v=19$m=19456,t=2,p=1$salt$hash} and {@code $2y$12$...}.
 */
public final class PasswordHash {
  private static final int MEMORY_KIB = 19_456;
  private static final int ITERATIONS = 2;
  private static final int PARALLELISM = 1;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;

  /** A file must not make one CONNECT cost gigabytes or minutes. */
  private static final int MEMORY_KIB_MAX = 1 << 20;

  private static final int ITERATIONS_MAX = 100;
  private static final int PARALLELISM_MAX = 16;
  private static final int BCRYPT_COST_MAX = 18;

  private static final Pattern ARGON2ID =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=(\\d{1,9}),t=(\\d{1,9}),p=(\\d{1,9})"
              + "\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");
  private static final Pattern BCRYPT = Pattern.compile("\\$2[aby]\\$(\\d\\d)\\$[A-Za-z0-9./]{53}");

  private final String text;

  private PasswordHash(String text) {
    this.text = text;
  }

  /** Hashes a password with Argon2id at the strength OWASP recommends (19 MiB, 2 passes). */
  public static PasswordHash of(byte[] password, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = argon2id(password, salt, MEMORY_KIB, ITERATIONS, PARALLELISM, HASH_BYTES);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return new PasswordHash(
        "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
            .formatted(
                MEMORY_KIB,
                ITERATIONS,
                PARALLELISM,
                base64.encodeToString(salt),
                base64.encodeToString(hash)));
  }

  /** Empty if the text is no hash of a known kind, or of a strength beyond reason. */
  public static Optional<PasswordHash> parse(String text) {
    Matcher argon2id = ARGON2ID.matcher(text);
    if (argon2id.matches()) {
      int parallelism = Integer.parseInt(argon2id.group(3));
      boolean sane =
          between(Integer.parseInt(argon2id.group(1)), 8 * parallelism, MEMORY_KIB_MAX)
              && between(Integer.parseInt(argon2id.group(2)), 1, ITERATIONS_MAX)
              && between(parallelism, 1, PARALLELISM_MAX)
              && isBase64(argon2id.group(4))
              && isBase64(argon2id.group(5));
      return sane ? Optional.of(new PasswordHash(text)) : Optional.empty();
    }
    Matcher bcrypt = BCRYPT.matcher(text);
    if (bcrypt.matches() && between(Integer.parseInt(bcrypt.group(1)), 4, BCRYPT_COST_MAX)) {
      return Optional.of(new PasswordHash(text));
    }
    return Optional.empty();
  }

  /** Takes tens of milliseconds of CPU, the same whether it matches or not. */
  public boolean matches(byte[] password) {
    Matcher parts = ARGON2ID.matcher(text);
    if (!parts.matches()) {
      return OpenBSDBCrypt.checkPassword(text, password);
    }
    byte[] salt = Base64.getDecoder().decode(parts.group(4));
    byte[] expected = Base64.getDecoder().decode(parts.group(5));
    byte[] actual =
        argon2id(
            password,
            salt,
            Integer.parseInt(parts.group(1)),
            Integer.parseInt(parts.group(2)),
            Integer.parseInt(parts.group(3)),
            expected.length);
    return MessageDigest.isEqual(expected, actual);
  }

  /** The line's part after the user name. */
  public String text() {
    return text;
  }

  /** Not the hash: it does not belong in logs. */
  @Override
  public String toString() {
    return "PasswordHash";
  }

  private static byte[] argon2id(
      byte[] password, byte[] salt, int memoryKib, int iterations, int parallelism, int length) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(parallelism)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[length];
    generator.generateBytes(password, hash);
    return hash;
  }

  private static boolean between(int value, int min, int max) {
    return value >= min && value <= max;
  }

  private static boolean isBase64(String text) {
    try {
      return Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1)).length > 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
