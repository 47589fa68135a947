package io.troupe.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevelopmentCertificateTest {
  @TempDir Path folder;

  private static X509Certificate read(Path file) throws Exception {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  @Test
  void theAuthoritySignsTheServer() throws Exception {
    DevelopmentCertificate made = DevelopmentCertificate.in(folder.resolve("tls"), Instant.now());

    X509Certificate server = read(made.chain());
    server.verify(read(made.authority()).getPublicKey());
    server.checkValidity();
    assertEquals(-1, server.getBasicConstraints());
    assertEquals(
        "localhost",
        server.getSubjectAlternativeNames().stream()
            .filter(name -> name.get(0).equals(2))
            .findFirst()
            .orElseThrow()
            .get(1));
  }

  @Test
  void theKeyIsForItsOwnerOnly() throws Exception {
    DevelopmentCertificate made = DevelopmentCertificate.in(folder, Instant.now());

    assertEquals(
        "rw-------",
        PosixFilePermissions.toString(Files.getPosixFilePermissions(made.privateKey())));
  }

  @Test
  void itIsKeptWhileValidAndMadeAnewNearItsEnd() throws Exception {
    Instant now = Instant.now();
    byte[] first = Files.readAllBytes(DevelopmentCertificate.in(folder, now).chain());
    byte[] again = Files.readAllBytes(DevelopmentCertificate.in(folder, now).chain());
    byte[] later =
        Files.readAllBytes(
            DevelopmentCertificate.in(folder, now.plus(Duration.ofDays(360))).chain());

    assertArrayEquals(first, again);
    assertFalse(Arrays.equals(first, later));
  }
}
