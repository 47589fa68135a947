package io.troupe.protocol.transport;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The certificate of a listener and what it asks of its clients. TLS 1.2 and 1.3 only.
 *
 * @param certificateChain PEM file: the server's certificate, then its issuers
 * @param privateKey PEM file, PKCS #8
 * @param privateKeyPassword null if the key is not encrypted
 * @param clientAuth whether clients show a certificate
 * @param clientAuthorities PEM file of the authorities that clients' certificates come from; needed
 *     unless {@code clientAuth} is NONE
 */
public record TlsSettings(
    Path certificateChain,
    Path privateKey,
    @Nullable String privateKeyPassword,
    ClientAuth clientAuth,
    @Nullable Path clientAuthorities) {

  /** Whether clients show a certificate. */
  public enum ClientAuth {
    NONE,
    OPTIONAL,
    REQUIRED
  }

  /** A server certificate; clients need none. */
  public static TlsSettings of(Path certificateChain, Path privateKey) {
    return new TlsSettings(certificateChain, privateKey, null, ClientAuth.NONE, null);
  }

  /**
   * Everything in the files that keeps a listener with these settings from starting. That
   * authorities are missing is not said: no file is wrong.
   */
  public List<TlsFiles.Finding> mistakes() {
    List<TlsFiles.Finding> mistakes = files().mistakes();
    if (mistakes.isEmpty() && (clientAuth == ClientAuth.NONE || clientAuthorities != null)) {
      try {
        TlsContext.of(this);
      } catch (TlsFiles.Unusable e) {
        return List.of(e.finding());
      }
    }
    return mistakes;
  }

  /** Certificates with which it starts though peers will refuse them: expired, not valid yet. */
  public List<TlsFiles.Finding> warnings(Instant now) {
    return files().notInForce(now);
  }

  TlsFiles files() {
    return new TlsFiles(
        certificateChain,
        privateKey,
        privateKeyPassword,
        clientAuth == ClientAuth.NONE ? null : clientAuthorities);
  }

  /** Never names the password. */
  @Override
  public String toString() {
    return "TlsSettings[" + certificateChain + ", " + clientAuth + "]";
  }
}
