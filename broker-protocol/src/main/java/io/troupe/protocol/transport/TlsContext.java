package io.troupe.protocol.transport;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Builds the TLS context of a listener from PEM files: BoringSSL if it is there, else the JDK. */
final class TlsContext {
  private final String listener;
  private final TlsSettings settings;

  private TlsContext(String listener, TlsSettings settings) {
    this.listener = listener;
    this.settings = settings;
  }

  static SslContext of(String listener, TlsSettings settings) throws ListenerException {
    return new TlsContext(listener, settings).build();
  }

  private SslContext build() throws ListenerException {
    X509Certificate[] chain = certificates("certificate chain", settings.certificateChain());
    SslContextBuilder builder =
        SslContextBuilder.forServer(privateKey(chain[0]), chain)
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2");
    if (settings.clientAuth() != TlsSettings.ClientAuth.NONE) {
      Path authorities = settings.clientAuthorities();
      if (authorities == null) {
        throw failure(
            "asking clients for certificates needs a file of the authorities to trust", null);
      }
      builder.trustManager(certificates("client authorities", authorities));
      builder.clientAuth(
          settings.clientAuth() == TlsSettings.ClientAuth.REQUIRED
              ? ClientAuth.REQUIRE
              : ClientAuth.OPTIONAL);
    }
    try {
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw failure(
          "certificate %s cannot be used (%s)"
              .formatted(settings.certificateChain(), e.getMessage()),
          e);
    }
  }

  private X509Certificate[] certificates(String what, Path path) throws ListenerException {
    File file = readable(what, path);
    try {
      return PemFiles.certificates(file);
    } catch (IOException | GeneralSecurityException e) {
      throw failure(file + " holds no PEM certificates (-----BEGIN CERTIFICATE-----)", e);
    }
  }

  private PrivateKey privateKey(X509Certificate certificate) throws ListenerException {
    File file = readable("private key", settings.privateKey());
    try {
      PrivateKey key =
          PemFiles.privateKey(
              file, settings.privateKeyPassword(), certificate.getPublicKey().getAlgorithm());
      if (PemFiles.belongTogether(key, certificate.getPublicKey())) {
        return key;
      }
    } catch (IOException | GeneralSecurityException e) {
      throw failure(
          file
              + " holds no PKCS #8 PEM private key of the certificate's kind, or its password is"
              + " wrong; convert with: openssl pkcs8 -topk8 -nocrypt -in KEY -out KEY.pk8",
          e);
    }
    throw failure(
        "the private key %s does not belong to the first certificate of %s; use the pair that was made together"
            .formatted(file, settings.certificateChain()),
        null);
  }

  private File readable(String what, Path path) throws ListenerException {
    if (!Files.isRegularFile(path)) {
      throw failure("the %s file %s does not exist".formatted(what, path), null);
    }
    if (!Files.isReadable(path)) {
      throw failure(
          "the %s file %s cannot be read by this user; change its owner or mode"
              .formatted(what, path),
          null);
    }
    return path.toFile();
  }

  private ListenerException failure(String advice, @Nullable Throwable cause) {
    return new ListenerException("listener " + listener + ": " + advice, cause);
  }
}
