package io.troupe.broker.auth;

import io.troupe.broker.config.ClientLimits;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Checks user name and password against a {@link PasswordFile}, in threads of its own with a
 * bounded queue: beyond it clients are refused with SERVER_BUSY. An unknown user gets the same
 * answer after the same work as a wrong password.
 *
 * <p>The last password that was right is remembered per user, as a hash keyed with a secret of this
 * process, so that thousands of clients returning at once cost microseconds each. Guessing gains
 * nothing: every wrong password still costs the full work.
 */
public final class PasswordFileAuthenticator implements Authenticator, AutoCloseable {
  private static final AuthResult REFUSED =
      new AuthResult.Refused(ReasonCode.BAD_USER_NAME_OR_PASSWORD);
  private static final AuthResult BUSY = new AuthResult.Refused(ReasonCode.SERVER_BUSY);

  private record Users(PasswordFile file, Map<String, byte[]> verified) {}

  private final ThreadPoolExecutor threads;
  private final SecretKeySpec secret;
  private volatile Users users;

  /**
   * @param threadCount at least 1
   * @param queueMax CONNECTs waiting for a thread, at least 1
   */
  public PasswordFileAuthenticator(PasswordFile file, int threadCount, int queueMax) {
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    secret = new SecretKeySpec(key, "HmacSHA256");
    users = new Users(file, new ConcurrentHashMap<>());
    threads =
        new ThreadPoolExecutor(
            threadCount,
            threadCount,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(queueMax),
            task -> {
              Thread thread = new Thread(task, "password-check");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** From now on checks against this file; clients already connected stay. */
  public void replace(PasswordFile file) {
    users = new Users(file, new ConcurrentHashMap<>());
  }

  @Override
  public CompletionStage<AuthResult> authenticate(Credentials credentials) {
    String username = credentials.username();
    if (username == null) {
      return CompletableFuture.completedFuture(new AuthResult.Undecided());
    }
    Payload sent = credentials.password();
    byte[] password = sent == null ? new byte[0] : sent.array();
    Users now = users;
    byte[] fingerprint = fingerprint(username, password);
    byte[] verified = now.verified.get(username);
    if (verified != null && MessageDigest.isEqual(verified, fingerprint)) {
      return CompletableFuture.completedFuture(accepted(now, username, credentials));
    }
    try {
      return CompletableFuture.supplyAsync(
          () -> check(now, username, password, fingerprint, credentials), threads);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(BUSY);
    }
  }

  private static AuthResult check(
      Users users, String username, byte[] password, byte[] fingerprint, Credentials credentials) {
    PasswordFile.@Nullable User user = users.file.user(username);
    boolean matches = (user == null ? users.file.anyHash() : user.hash()).matches(password);
    if (user == null || !matches) {
      return REFUSED;
    }
    users.verified.put(username, fingerprint);
    return accepted(users, username, credentials);
  }

  private static AuthResult accepted(Users users, String username, Credentials credentials) {
    PasswordFile.@Nullable User user = users.file.user(username);
    ClientLimits limits = user == null ? ClientLimits.DEVICE : user.limits();
    return new AuthResult.Accepted(Identity.user(username, credentials.clientId(), limits));
  }

  private byte[] fingerprint(String username, byte[] password) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      mac.update(username.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0);
      return mac.doFinal(password);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
