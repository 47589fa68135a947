package io.troupe.broker.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PasswordFileAuthenticatorTest extends AuthenticatorContract {
  private static final AuthResult WRONG =
      new AuthResult.Refused(ReasonCode.BAD_USER_NAME_OR_PASSWORD);

  @TempDir Path folder;
  private PasswordFileAuthenticator authenticator;

  @BeforeEach
  void start() throws Exception {
    authenticator = new PasswordFileAuthenticator(file("alice", "secret"), 1, 10);
  }

  @AfterEach
  void stop() {
    authenticator.close();
  }

  private PasswordFile file(String name, String password) throws Exception {
    PasswordHash hash =
        PasswordHash.of(password.getBytes(StandardCharsets.UTF_8), new SecureRandom());
    return PasswordFile.read(
        Files.writeString(folder.resolve("users"), name + ":" + hash.text() + "\n"));
  }

  @Override
  Authenticator authenticator() {
    return authenticator;
  }

  @Override
  Credentials good() {
    return credentials("c1", "alice", "secret");
  }

  @Test
  void wrongPasswordUnknownUserAndNoPasswordGetOneAnswer() {
    assertEquals(WRONG, ask(authenticator, credentials("c", "alice", "Secret")));
    assertEquals(WRONG, ask(authenticator, credentials("c", "bob", "secret")));
    assertEquals(WRONG, ask(authenticator, credentials("c", "alice", null)));
  }

  @Test
  void aWrongPasswordIsRefusedAfterARightOneToo() {
    ask(authenticator, good());

    assertEquals(WRONG, ask(authenticator, credentials("c", "alice", "wrong")));
  }

  @Test
  void clientsWithoutUserNameAreNotItsConcern() {
    assertInstanceOf(AuthResult.Undecided.class, ask(authenticator, credentials("c", null, null)));
  }

  @Test
  void aReplacedFileForgetsWhatWasRight() throws Exception {
    ask(authenticator, good());

    authenticator.replace(file("alice", "new"));

    assertEquals(WRONG, ask(authenticator, good()));
  }

  @Test
  void beyondItsQueueClientsAreToldThatItIsBusy() {
    List<CompletionStage<AuthResult>> answers = new ArrayList<>();
    IntStream.range(0, 40)
        .forEach(i -> answers.add(authenticator.authenticate(credentials("c" + i, "bob", "x"))));

    long busy =
        answers.stream()
            .map(a -> a.toCompletableFuture().join())
            .filter(new AuthResult.Refused(ReasonCode.SERVER_BUSY)::equals)
            .count();

    assertTrue(busy >= 20 && busy < 40, busy + " of 40");
  }

  @Test
  void bcryptOfOtherToolsIsUnderstood() throws Exception {
    String hash = OpenBSDBCrypt.generate("2y", "pässword".toCharArray(), new byte[16], 4);
    authenticator.replace(
        PasswordFile.read(Files.writeString(folder.resolve("users"), "carol:" + hash + "\n")));

    assertInstanceOf(
        AuthResult.Accepted.class, ask(authenticator, credentials("c", "carol", "pässword")));
    assertEquals(WRONG, ask(authenticator, credentials("c", "carol", "password")));
  }
}
