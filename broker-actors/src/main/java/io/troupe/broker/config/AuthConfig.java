package io.troupe.broker.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect and what they may do.
 *
 * @param allowAnonymous clients without user name are accepted
 * @param passwordFile made by {@code troupe passwd}; null for none
 * @param aclFile access rules; null allows authenticated clients everything but publishing to $SYS
 * @param hashThreads threads checking passwords
 * @param hashQueueMax CONNECTs waiting for them
 */
public record AuthConfig(
    boolean allowAnonymous,
    boolean allowAnonymousRemote,
    @Nullable Path passwordFile,
    @Nullable Path aclFile,
    int hashThreads,
    int hashQueueMax) {

  static AuthConfig read(ConfigReader in, boolean dev) {
    Path passwordFile = in.file("password-file");
    boolean anonymousByDefault = dev && !in.isSet("password-file");
    AuthConfig auth =
        new AuthConfig(
            in.flag("allow-anonymous", anonymousByDefault),
            in.flag("allow-anonymous-remote"),
            passwordFile,
            in.file("acl-file"),
            in.integer("hash-threads", 1, 64),
            in.integer("hash-queue-max", 1, 1_000_000));
    return auth;
  }
}
