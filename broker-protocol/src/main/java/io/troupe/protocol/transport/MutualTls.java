package io.troupe.protocol.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;

/**
 * TLS 1.2 and 1.3 between equals: each side shows a certificate and takes one of the same
 * authorities only.
 *
 * @param certificateChain PEM file: this side's certificate, then its issuers
 * @param privateKey PEM file, PKCS #8, not encrypted
 * @param authorities PEM file of the authorities that all certificates come from
 */
public record MutualTls(Path certificateChain, Path privateKey, Path authorities) {
  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /**
   * Reads the files.
   *
   * @throws IOException if Java's key store cannot be made
   * @throws GeneralSecurityException if one cannot be read, they hold something else or do not
   *     belong together; its message says what
   */
  public SSLContext context() throws IOException, GeneralSecurityException {
    TlsFiles files = files();
    X509Certificate[] chain = files.chain();
    KeyStore own = emptyStore();
    own.setKeyEntry("own", files.key(chain[0]), new char[0], chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    KeyStore trusted = emptyStore();
    int number = 0;
    for (X509Certificate authority : files.authorities(authorities)) {
      trusted.setCertificateEntry("authority-" + number++, authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  /** Everything that keeps these files from being used; empty if they can be. */
  public List<TlsFiles.Finding> mistakes() {
    return files().mistakes();
  }

  /** Certificates that other nodes will refuse: expired, not valid yet. */
  public List<TlsFiles.Finding> warnings(Instant now) {
    return files().notInForce(now);
  }

  private TlsFiles files() {
    return new TlsFiles(certificateChain, privateKey, null, authorities);
  }

  /** One side of a connection in such a context. */
  public static SSLEngine engine(SSLContext context, boolean client) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(client);
    engine.setEnabledProtocols(PROTOCOLS);
    if (!client) {
      engine.setNeedClientAuth(true);
    }
    return engine;
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
