package io.troupe.broker.auth;

import static io.troupe.broker.auth.AuthenticatorContract.ask;
import static io.troupe.broker.auth.AuthenticatorContract.credentials;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class AuthenticatorChainTest {
  private static final Credentials CLIENT = credentials("c", "alice", "x");
  private static final Authenticator UNDECIDED =
      c -> CompletableFuture.completedFuture(new AuthResult.Undecided());
  private static final Authenticator FAILING =
      c -> CompletableFuture.failedFuture(new IllegalStateException("broken on purpose"));
  private static final Authenticator THROWING =
      c -> {
        throw new IllegalStateException("broken on purpose");
      };

  private static AuthResult askAll(Authenticator... authenticators) {
    return ask(new AuthenticatorChain(List.of(authenticators)), CLIENT);
  }

  @Nested
  class Anonymous extends AuthenticatorContract {
    @Override
    Authenticator authenticator() {
      return new AuthenticatorChain(List.of(UNDECIDED, new AnonymousAuthenticator()));
    }

    @Override
    Credentials good() {
      return credentials("c", null, null);
    }
  }

  @Test
  @Promise("F12")
  void nobodyDecidingMeansNo() {
    assertEquals(new AuthResult.Refused(ReasonCode.NOT_AUTHORIZED), askAll());
    assertEquals(new AuthResult.Refused(ReasonCode.NOT_AUTHORIZED), askAll(UNDECIDED, UNDECIDED));
  }

  @Test
  @Promise("F12")
  void aBrokenAuthenticatorMeansNoEvenWhenOthersWouldAccept() {
    AuthResult no = new AuthResult.Refused(ReasonCode.SERVER_UNAVAILABLE);

    assertEquals(no, askAll(FAILING, new AnonymousAuthenticator()));
    assertEquals(no, askAll(THROWING, new AnonymousAuthenticator()));
  }

  @Test
  void aUserNameNobodyCheckedIsNotKept() {
    AuthResult result = askAll(new AnonymousAuthenticator());

    assertNull(((AuthResult.Accepted) result).identity().username());
  }
}
