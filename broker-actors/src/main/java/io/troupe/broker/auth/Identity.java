package io.troupe.broker.auth;

import io.troupe.broker.config.ClientLimits;
import org.jspecify.annotations.Nullable;

/**
 * Who an accepted client is. Only what was proved: a user name sent to an authenticator that did
 * not check it is not here, so rules cannot be claimed with it.
 *
 * @param username null for an anonymous client
 * @param clientId never empty
 * @param limits the client's type and limits, as its credential says
 */
public record Identity(@Nullable String username, String clientId, ClientLimits limits) {

  public static Identity anonymous(String clientId) {
    return new Identity(null, clientId, ClientLimits.DEVICE);
  }

  public static Identity user(String username, String clientId) {
    return user(username, clientId, ClientLimits.DEVICE);
  }

  public static Identity user(String username, String clientId, ClientLimits limits) {
    return new Identity(username, clientId, limits);
  }
}
