package io.troupe.broker.auth;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who an accepted client is. Only what was proved: a user name sent to an authenticator that did
 * not check it is not here, so rules cannot be claimed with it.
 *
 * @param username null for an anonymous client
 * @param clientId never empty
 * @param roles names given by the authenticator; empty for password files
 */
public record Identity(@Nullable String username, String clientId, Set<String> roles) {

  public Identity {
    roles = Set.copyOf(roles);
  }

  public static Identity anonymous(String clientId) {
    return new Identity(null, clientId, Set.of());
  }

  public static Identity user(String username, String clientId) {
    return new Identity(username, clientId, Set.of());
  }
}
