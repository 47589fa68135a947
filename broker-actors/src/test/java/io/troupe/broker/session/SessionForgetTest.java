package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A session that has ended leaves nothing in the store, whatever comes in between. */
class SessionForgetTest extends SessionFixture {

  /** The shard does as it was asked to. */
  private void passivated() {
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    session.tell(new ClientSessionActor.Stop());
  }

  private void endWith(long connection) {
    session.tell(new ClientSessionActor.Detach(connection, false, 0));
  }

  @Test
  void theDirectoryForgetsTheClientWhenTheStoreHas() {
    CompletableFuture<Void> stored = new CompletableFuture<>();
    node.forgotten = stored;
    connectAndSubscribe();
    endWith(1);
    expect("unsubscribe t");
    passivated();
    expect("forget to 3");

    stored.complete(null);

    expect("directory removed");
    awaitStop();
    assertEquals("Ended", stored().get(2));
  }

  @Test
  void theMarksOfItsMessagesGoWithIt() {
    connect(1, false);
    session.tell(new ClientSessionActor.Admit(1, List.of(7)));
    expect("1 admitted [7]");
    endWith(1);

    passivated();

    expect("forget to 3 with marks", "directory removed");
  }

  @Test
  void aSessionThatStoresNothingMayHaveLeftMarks() {
    session.tell(attach(1, true, 0, null));
    expect("1 attached false");
    session.tell(new ClientSessionActor.Admit(1, List.of(7)));
    expect("1 admitted [7]");
    detach(1, false);

    passivated();

    expect("forget to 0 with marks", "directory removed");
  }

  @Test
  void whatTheStoreCannotForgetNowIsTriedAgain() {
    node.forgotten = CompletableFuture.failedFuture(new IllegalStateException("full"));
    connectAndSubscribe();
    endWith(1);
    expect("unsubscribe t");
    passivated();
    expect("forget to 3", "directory  " + (clock.get() + 10_000));
    respawn();
    node.forgotten = CompletableFuture.completedStage(null);

    session.tell(new ClientSessionActor.Wake(CLIENT, "", 0));

    passivated();
    expect("forget to 3", "directory removed");
  }

  @Test
  void anActorThatDiedBeforeIsWokenToForget() {
    connectAndSubscribe();
    session.tell(new ClientSessionActor.Admit(1, List.of(7)));
    expect("1 admitted [7]");
    endWith(1);
    expect("unsubscribe t");
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    testKit.stop(session);
    respawn();

    session.tell(new ClientSessionActor.Wake(CLIENT, "node#0", clock.get()));

    passivated();
    expect("forget to 4 with marks", "directory removed");
  }

  @Test
  void aClientThatComesBackBeforeItIsForgottenGoesToTheNextIncarnation() {
    connectAndSubscribe();
    endWith(1);
    expect("unsubscribe t");
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    ClientSessionActor.Attach attach = attach(2, false, 3600, null);

    session.tell(attach);

    region.expectMessage(attach);
    session.tell(new ClientSessionActor.Stop());
    expect("forget to 3", "directory removed");
    respawn();
    session.tell(attach);
    expect("directory node#1", "2 attached false");
  }

  @Test
  void theDirectoryKnowsOfAConnectionThatReplacesAStoredSession() {
    connect(1, false);
    detach(1, false);
    expect("directory  " + (clock.get() + 3_600_000));
    session.tell(attach(2, true, 0, null));

    expect("directory node#1", "2 attached false");

    detach(2, false);
    passivated();
    expect("forget to 4", "directory removed");
  }
}
