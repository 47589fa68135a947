package io.troupe.http;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certificate for this machine and the authority that signed it, for development mode. Kept in a
 * folder and used again while valid, so that clients keep trusting it.
 *
 * @param authority PEM file for clients to trust
 * @param chain PEM file, the server's certificate
 * @param privateKey PEM file (PKCS#8), mode 0600
 */
public record DevelopmentCertificate(Path authority, Path chain, Path privateKey) {
  private static final Duration LIFE = Duration.ofDays(365);
  private static final Duration LIFE_LEFT_MIN = Duration.ofDays(7);
  private static final String SIGNATURE = "SHA256withECDSA";

  private record Signer(X500Name name, KeyPair keys) {}

  /** The folder's certificate, made anew when missing or near its end. */
  public static DevelopmentCertificate in(Path folder, Instant now)
      throws IOException, GeneralSecurityException {
    DevelopmentCertificate certificate =
        new DevelopmentCertificate(
            folder.resolve("ca.pem"),
            folder.resolve("server.pem"),
            folder.resolve("server-key.pem"));
    if (!certificate.isUsable(now)) {
      Files.createDirectories(folder);
      certificate.make(now);
    }
    return certificate;
  }

  private boolean isUsable(Instant now) {
    if (!Files.exists(authority) || !Files.exists(privateKey)) {
      return false;
    }
    try (var in = Files.newInputStream(chain)) {
      var x509 = (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
      return x509.getNotAfter().toInstant().isAfter(now.plus(LIFE_LEFT_MIN));
    } catch (IOException | GeneralSecurityException e) {
      return false;
    }
  }

  private void make(Instant now) throws IOException, GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    Signer ca =
        new Signer(new X500Name("CN=Troupe development authority"), generator.generateKeyPair());
    KeyPair server = generator.generateKeyPair();
    try {
      X509v3CertificateBuilder own = builder(ca, ca.name, ca.keys, now);
      own.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
      own.addExtension(
          Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
      X509v3CertificateBuilder servers = builder(ca, new X500Name("CN=localhost"), server, now);
      servers.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
      servers.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
      servers.addExtension(Extension.subjectAlternativeName, false, names());
      write(authority, pem(signed(own, ca)), "rw-r--r--");
      write(chain, pem(signed(servers, ca)), "rw-r--r--");
      write(privateKey, pem(new JcaPKCS8Generator(server.getPrivate(), null)), "rw-------");
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }

  private static X509v3CertificateBuilder builder(
      Signer ca, X500Name subject, KeyPair keys, Instant now) {
    return new JcaX509v3CertificateBuilder(
        ca.name,
        new BigInteger(120, new SecureRandom()),
        Date.from(now.minus(Duration.ofHours(1))),
        Date.from(now.plus(LIFE)),
        subject,
        keys.getPublic());
  }

  private static GeneralNames names() throws IOException {
    return new GeneralNames(
        new GeneralName[] {
          new GeneralName(GeneralName.dNSName, "localhost"),
          new GeneralName(GeneralName.dNSName, InetAddress.getLocalHost().getHostName()),
          new GeneralName(GeneralName.iPAddress, "127.0.0.1"),
          new GeneralName(GeneralName.iPAddress, "::1")
        });
  }

  private static X509Certificate signed(X509v3CertificateBuilder builder, Signer ca)
      throws OperatorCreationException, GeneralSecurityException {
    return new JcaX509CertificateConverter()
        .getCertificate(
            builder.build(new JcaContentSignerBuilder(SIGNATURE).build(ca.keys.getPrivate())));
  }

  private static String pem(Object object) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    }
    return text.toString();
  }

  private static void write(Path file, String text, String mode) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
    Files.writeString(file, text);
  }
}
