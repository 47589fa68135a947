package io.troupe.broker.auth;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Accepts everyone who comes to it, without identity: a user name that nobody checked is not kept.
 * Stands last in a chain, if at all.
 */
public final class AnonymousAuthenticator implements Authenticator {

  @Override
  public CompletionStage<AuthResult> authenticate(Credentials credentials) {
    return CompletableFuture.completedFuture(
        new AuthResult.Accepted(Identity.anonymous(credentials.clientId())));
  }
}
