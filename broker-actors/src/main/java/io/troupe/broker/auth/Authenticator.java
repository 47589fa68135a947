package io.troupe.broker.auth;

import java.util.concurrent.CompletionStage;

/**
 * Decides whether a client is who it says. Called from event loops: returns at once and completes
 * the stage from any thread. A stage that fails means refusal.
 */
@FunctionalInterface
public interface Authenticator {
  CompletionStage<AuthResult> authenticate(Credentials credentials);
}
