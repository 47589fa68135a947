package io.troupe.protocol.transport;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.PBEParameterSpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A self-made certificate and key as PEM files, made by the JDK's keytool. */
public final class TestCertificates {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final KeyStore store;
  private final Path certificate;
  private final Path key;

  private TestCertificates(KeyStore store, Path certificate, Path key) {
    this.store = store;
    this.certificate = certificate;
    this.key = key;
  }

  /** Makes a certificate for localhost with this common name. */
  public static TestCertificates make(Path directory, String commonName) {
    return make(directory, commonName, "-0d");
  }

  /** The same, but it was valid for two days ten days ago. */
  public static TestCertificates makeExpired(Path directory, String commonName) {
    return make(directory, commonName, "-10d");
  }

  private static TestCertificates make(Path directory, String commonName, String start) {
    try {
      Path file = directory.resolve(commonName + ".p12");
      keytool(file, commonName, start);
      KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
      Path certificate = directory.resolve(commonName + ".crt");
      Path key = directory.resolve(commonName + ".key");
      writePem(certificate, "CERTIFICATE", store.getCertificate("it").getEncoded());
      writePem(key, "PRIVATE KEY", store.getKey("it", PASSWORD).getEncoded());
      return new TestCertificates(store, certificate, key);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void keytool(Path file, String commonName, String start) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
            "-genkeypair",
            "-alias",
            "it",
            "-keyalg",
            "EC",
            "-dname",
            "CN=" + commonName,
            "-ext",
            "san=dns:localhost,ip:127.0.0.1",
            "-startdate",
            start,
            "-validity",
            "2",
            "-storetype",
            "PKCS12",
            "-storepass",
            new String(PASSWORD),
            "-keystore",
            file.toString());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException(output);
    }
  }

  private static void writePem(Path file, String type, byte[] der) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
    Files.writeString(file, "-----BEGIN %s-----%n%s%n-----END %1$s-----%n".formatted(type, text));
  }

  /** Writes the key encrypted with a password, as openssl does today. */
  void writeEncryptedKey(Path file, String password) throws Exception {
    String algorithm = "PBEWithHmacSHA256AndAES_256";
    byte[] salt = new byte[16];
    Cipher cipher = Cipher.getInstance(algorithm);
    cipher.init(
        Cipher.ENCRYPT_MODE,
        SecretKeyFactory.getInstance(algorithm)
            .generateSecret(new PBEKeySpec(password.toCharArray())),
        new PBEParameterSpec(salt, 2048, new IvParameterSpec(new byte[16])));
    byte[] encrypted = cipher.doFinal(store.getKey("it", PASSWORD).getEncoded());
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2");
    parameters.init(cipher.getParameters().getEncoded());
    writePem(
        file,
        "ENCRYPTED PRIVATE KEY",
        new EncryptedPrivateKeyInfo(parameters, encrypted).getEncoded());
  }

  /** PEM file of the certificate. */
  public Path certificate() {
    return certificate;
  }

  /** PEM file of the private key. */
  public Path key() {
    return key;
  }

  /** A client's context that trusts this certificate and shows the other one, if any. */
  public SSLContext clientContext(TestCertificates... own) {
    try {
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      trusted.setCertificateEntry("server", store.getCertificate("it"));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      if (own.length > 0) {
        keys.init(own[0].store, PASSWORD);
      } else {
        keys.init(null, null);
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return context;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
