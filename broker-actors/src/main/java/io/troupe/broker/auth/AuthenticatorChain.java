package io.troupe.broker.auth;

import io.troupe.broker.config.AuthConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks authenticators in order until one decides. Fails closed: an empty chain, no decision, or an
 * authenticator that throws or fails refuses the client.
 */
public final class AuthenticatorChain implements Authenticator, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AuthenticatorChain.class);

  private final List<Authenticator> authenticators;

  public AuthenticatorChain(List<Authenticator> authenticators) {
    this.authenticators = List.copyOf(authenticators);
  }

  /**
   * The chain the configuration asks for; {@link #close} it to stop its threads.
   *
   * @throws MalformedFileException if the password file is damaged, with file and line
   * @throws IOException if it cannot be read
   */
  public static AuthenticatorChain of(AuthConfig config)
      throws IOException, MalformedFileException {
    List<Authenticator> chain = new ArrayList<>();
    Path file = config.passwordFile();
    if (file != null) {
      chain.add(
          new PasswordFileAuthenticator(
              PasswordFile.read(file), config.hashThreads(), config.hashQueueMax()));
    }
    if (config.allowAnonymous()) {
      chain.add(new AnonymousAuthenticator());
    }
    return new AuthenticatorChain(chain);
  }

  /** Never {@link AuthResult.Undecided}, never a failed stage. */
  @Override
  public CompletionStage<AuthResult> authenticate(Credentials credentials) {
    return ask(0, credentials);
  }

  private CompletionStage<AuthResult> ask(int index, Credentials credentials) {
    if (index == authenticators.size()) {
      return CompletableFuture.completedFuture(new AuthResult.Refused(ReasonCode.NOT_AUTHORIZED));
    }
    CompletionStage<AuthResult> answer;
    try {
      answer = authenticators.get(index).authenticate(credentials);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .exceptionally(failure -> broken(index, failure))
        .thenCompose(
            result ->
                result instanceof AuthResult.Undecided
                    ? ask(index + 1, credentials)
                    : CompletableFuture.completedFuture(result));
  }

  private AuthResult broken(int index, Throwable failure) {
    String name = authenticators.get(index).getClass().getSimpleName();
    LOG.error("{} failed; the client is refused", name, failure);
    return new AuthResult.Refused(ReasonCode.SERVER_UNAVAILABLE);
  }

  @Override
  public void close() {
    for (Authenticator authenticator : authenticators) {
      if (authenticator instanceof PasswordFileAuthenticator passwords) {
        passwords.close();
      }
    }
  }
}
