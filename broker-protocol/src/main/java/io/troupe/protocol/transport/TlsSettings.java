package io.troupe.protocol.transport;

import java.nio.file.Path;
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

  /** Never names the password. */
  @Override
  public String toString() {
    return "TlsSettings[" + certificateChain + ", " + clientAuth + "]";
  }
}
