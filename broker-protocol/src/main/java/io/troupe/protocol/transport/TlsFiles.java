package io.troupe.protocol.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of one side of TLS, and what is wrong with them in words for people.
 *
 * @param certificateChain this side's certificate, then its issuers
 * @param privateKey PKCS #8
 * @param privateKeyPassword null if the key is not encrypted
 * @param authorities that the other side's certificate comes from; null: it shows none
 */
public record TlsFiles(
    Path certificateChain,
    Path privateKey,
    @Nullable String privateKeyPassword,
    @Nullable Path authorities) {

  /** Which of the files. */
  public enum File {
    CERTIFICATE_CHAIN,
    PRIVATE_KEY,
    AUTHORITIES
  }

  /**
   * Something wrong with a file.
   *
   * @param advice names the file and says what to do
   */
  public record Finding(File file, String advice) {}

  /** A file that cannot be used. */
  static final class Unusable extends GeneralSecurityException {
    private static final long serialVersionUID = 1L;

    private final transient Finding finding;

    Unusable(File file, String advice, @Nullable Throwable cause) {
      super(advice, cause);
      finding = new Finding(file, advice);
    }

    Finding finding() {
      return finding;
    }
  }

  /** Reading one file, or some that belong together. */
  private interface Reading {
    void run() throws Unusable;
  }

  /** Everything that keeps these files from being used; empty if they can be. */
  List<Finding> mistakes() {
    List<Finding> mistakes = new ArrayList<>();
    read(mistakes, () -> key(chain()[0]));
    Path trusted = authorities;
    if (trusted != null) {
      read(mistakes, () -> authorities(trusted));
    }
    return mistakes;
  }

  private static void read(List<Finding> mistakes, Reading reading) {
    try {
      reading.run();
    } catch (Unusable e) {
      mistakes.add(e.finding());
    }
  }

  /** Certificates that have expired or are not valid yet; none of files that cannot be read. */
  List<Finding> notInForce(Instant now) {
    List<Finding> found = new ArrayList<>();
    try {
      notInForce(File.CERTIFICATE_CHAIN, certificateChain, chain(), now, found);
      Path trusted = authorities;
      if (trusted != null) {
        notInForce(File.AUTHORITIES, trusted, authorities(trusted), now, found);
      }
    } catch (Unusable e) {
      // Told by mistakes().
    }
    return found;
  }

  private static void notInForce(
      File file, Path path, X509Certificate[] certificates, Instant now, List<Finding> found) {
    for (X509Certificate certificate : certificates) {
      Instant from = certificate.getNotBefore().toInstant();
      Instant until = certificate.getNotAfter().toInstant();
      String what = path + ": the certificate of " + certificate.getSubjectX500Principal();
      if (now.isAfter(until)) {
        found.add(new Finding(file, what + " expired on " + until + "; renew it"));
      } else if (now.isBefore(from)) {
        found.add(new Finding(file, what + " is not valid before " + from));
      }
    }
  }

  X509Certificate[] chain() throws Unusable {
    return certificates(File.CERTIFICATE_CHAIN, "certificate chain", certificateChain);
  }

  X509Certificate[] authorities(Path path) throws Unusable {
    return certificates(File.AUTHORITIES, "authorities", path);
  }

  /** The key of this certificate. */
  PrivateKey key(X509Certificate certificate) throws Unusable {
    java.io.File file = readable(File.PRIVATE_KEY, "private key", privateKey);
    try {
      PrivateKey key =
          PemFiles.privateKey(file, privateKeyPassword, certificate.getPublicKey().getAlgorithm());
      if (PemFiles.belongTogether(key, certificate.getPublicKey())) {
        return key;
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new Unusable(
          File.PRIVATE_KEY,
          file
              + " holds no PKCS #8 PEM private key of the certificate's kind, or its password is"
              + " wrong; convert with: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pk8",
          e);
    }
    throw new Unusable(
        File.PRIVATE_KEY,
        "the private key %s does not belong to the first certificate of %s; use the pair that was made together"
            .formatted(file, certificateChain),
        null);
  }

  private static X509Certificate[] certificates(File kind, String what, Path path) throws Unusable {
    java.io.File file = readable(kind, what, path);
    try {
      return PemFiles.certificates(file);
    } catch (IOException | GeneralSecurityException e) {
      throw new Unusable(
          kind, file + " holds no PEM certificates (-----BEGIN CERTIFICATE-----)", e);
    }
  }

  private static java.io.File readable(File kind, String what, Path path) throws Unusable {
    if (!Files.isRegularFile(path)) {
      throw new Unusable(kind, "the %s file %s does not exist".formatted(what, path), null);
    }
    if (!Files.isReadable(path)) {
      throw new Unusable(
          kind,
          "the %s file %s cannot be read by this user; change its owner or mode"
              .formatted(what, path),
          null);
    }
    return path.toFile();
  }

  /** Never names the password. */
  @Override
  public String toString() {
    return "TlsFiles[" + certificateChain + ", " + privateKey + ", " + authorities + "]";
  }
}
