package io.troupe.broker.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.troupe.protocol.packet.Payload;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every authenticator holds, run by each one's test. */
abstract class AuthenticatorContract {

  abstract Authenticator authenticator();

  /** Credentials the authenticator accepts. */
  abstract Credentials good();

  static Credentials credentials(String clientId, String username, String password) {
    return new Credentials(
        clientId,
        username,
        password == null ? null : Payload.utf8(password),
        InetSocketAddress.createUnresolved("client", 1),
        "tcp");
  }

  static AuthResult ask(Authenticator authenticator, Credentials credentials) {
    try {
      return authenticator
          .authenticate(credentials)
          .toCompletableFuture()
          .get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void acceptedClientsKeepTheirClientId() {
    AuthResult result = ask(authenticator(), good());

    AuthResult.Accepted accepted = assertInstanceOf(AuthResult.Accepted.class, result);
    assertEquals(good().clientId(), accepted.identity().clientId());
  }

  @Test
  void theSameCredentialsGetTheSameAnswerAgain() {
    AuthResult first = ask(authenticator(), good());
    AuthResult second = ask(authenticator(), good());

    assertEquals(first, second);
  }
}
