package io.troupe.protocol.transport;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
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
   * @throws IOException if one cannot be read
   * @throws GeneralSecurityException if they hold something else or do not belong together; both
   *     say what
   */
  public SSLContext context() throws IOException, GeneralSecurityException {
    X509Certificate[] chain = PemFiles.certificates(certificateChain.toFile());
    PrivateKey key =
        PemFiles.privateKey(privateKey.toFile(), null, chain[0].getPublicKey().getAlgorithm());
    if (!PemFiles.belongTogether(key, chain[0].getPublicKey())) {
      throw new GeneralSecurityException(
          "the private key "
              + privateKey
              + " does not belong to the first certificate of "
              + certificateChain);
    }
    KeyStore own = emptyStore();
    own.setKeyEntry("own", key, new char[0], chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    KeyStore trusted = emptyStore();
    int number = 0;
    for (X509Certificate authority : PemFiles.certificates(authorities.toFile())) {
      trusted.setCertificateEntry("authority-" + number++, authority);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
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
