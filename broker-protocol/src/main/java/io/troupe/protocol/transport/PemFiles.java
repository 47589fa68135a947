package io.troupe.protocol.transport;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.KeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Reads certificates and PKCS #8 keys from PEM files. */
final class PemFiles {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ((?:ENCRYPTED )?)PRIVATE KEY-----([^-]+)-----END");

  private PemFiles() {}

  /** The certificates of a file, in its order; at least one. */
  static X509Certificate[] certificates(File file) throws IOException, CertificateException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    try (InputStream in = Files.newInputStream(file.toPath())) {
      X509Certificate[] chain =
          factory.generateCertificates(in).stream()
              .map(X509Certificate.class::cast)
              .toArray(X509Certificate[]::new);
      if (chain.length == 0) {
        throw new CertificateException("no certificate in " + file);
      }
      return chain;
    }
  }

  /**
   * The private key of a file.
   *
   * @param algorithm of the public key that it belongs to
   * @throws GeneralSecurityException if there is no such key, or the password is wrong
   */
  static PrivateKey privateKey(File file, @Nullable String password, String algorithm)
      throws IOException, GeneralSecurityException {
    Matcher pem = KEY.matcher(Files.readString(file.toPath(), StandardCharsets.ISO_8859_1));
    if (!pem.find()) {
      throw new GeneralSecurityException("no PKCS #8 private key in " + file);
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(pem.group(2));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("not Base64: " + file, e);
    }
    boolean encrypted = !pem.group(1).isEmpty();
    KeySpec key = encrypted ? decrypt(der, password) : new PKCS8EncodedKeySpec(der);
    return KeyFactory.getInstance(algorithm).generatePrivate(key);
  }

  private static KeySpec decrypt(byte[] der, @Nullable String password)
      throws IOException, GeneralSecurityException {
    if (password == null) {
      throw new GeneralSecurityException("the key is encrypted and no password is set");
    }
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
    // PBES2 names its real algorithm only in its parameters.
    String algorithm =
        info.getAlgName().equals("PBES2") || info.getAlgName().equals("1.2.840.113549.1.5.13")
            ? info.getAlgParameters().toString()
            : info.getAlgName();
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.DECRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray())),
        info.getAlgParameters());
    return info.getKeySpec(cipher);
  }

  /** Whether the private key belongs to the public one: what it signs, the other verifies. */
  static boolean belongTogether(PrivateKey privateKey, PublicKey publicKey)
      throws GeneralSecurityException {
    String key = publicKey.getAlgorithm();
    String algorithm =
        key.equals("EC") ? "SHA256withECDSA" : key.equals("RSA") ? "SHA256withRSA" : key;
    byte[] sample = "sample".getBytes(StandardCharsets.US_ASCII);
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(privateKey);
    signer.update(sample);
    byte[] signature = signer.sign();
    Signature verifier = Signature.getInstance(algorithm);
    verifier.initVerify(publicKey);
    verifier.update(sample);
    return verifier.verify(signature);
  }
}
