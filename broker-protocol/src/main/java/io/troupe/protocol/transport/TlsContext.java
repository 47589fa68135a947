package io.troupe.protocol.transport;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/** Builds the TLS context of a listener from PEM files: BoringSSL if it is there, else the JDK. */
final class TlsContext {
  private TlsContext() {}

  static SslContext of(String listener, TlsSettings settings) throws ListenerException {
    try {
      return of(settings);
    } catch (TlsFiles.Unusable e) {
      throw new ListenerException(
          "listener " + listener + ": " + e.finding().advice(), e.getCause());
    }
  }

  static SslContext of(TlsSettings settings) throws TlsFiles.Unusable {
    TlsFiles files = settings.files();
    X509Certificate[] chain = files.chain();
    SslContextBuilder builder =
        SslContextBuilder.forServer(files.key(chain[0]), chain)
            .sslProvider(OpenSsl.isAvailable() ? SslProvider.OPENSSL : SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2");
    if (settings.clientAuth() != TlsSettings.ClientAuth.NONE) {
      Path authorities = files.authorities();
      if (authorities == null) {
        throw new TlsFiles.Unusable(
            TlsFiles.File.AUTHORITIES,
            "asking clients for certificates needs a file of the authorities to trust",
            null);
      }
      builder.trustManager(files.authorities(authorities));
      builder.clientAuth(
          settings.clientAuth() == TlsSettings.ClientAuth.REQUIRED
              ? ClientAuth.REQUIRE
              : ClientAuth.OPTIONAL);
    }
    try {
      return builder.build();
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsFiles.Unusable(
          TlsFiles.File.CERTIFICATE_CHAIN,
          "certificate %s cannot be used (%s)"
              .formatted(settings.certificateChain(), e.getMessage()),
          e);
    }
  }
}
