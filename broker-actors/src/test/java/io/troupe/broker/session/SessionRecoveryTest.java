package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stop and recover in each state, and journals that fail. */
class SessionRecoveryTest extends SessionFixture {

  private void admit(long connection, Integer... ids) {
    session.tell(new ClientSessionActor.Admit(connection, List.of(ids)));
  }

  @Test
  void stoppingClosesTheConnection() {
    connect(1, false);

    restart();

    expect("1 close SERVER_UNAVAILABLE");
  }

  @Test
  void aSessionStoppedWhileConnectedHearsOfItsConnectionsEnd() {
    session.tell(attach(1, false, 3600, will(0)));
    expect("directory node#1", "1 attached false");
    restart();
    expect("1 close SERVER_UNAVAILABLE");

    detach(1, true);

    expect("will", "directory  " + (clock.get() + 5_000));
  }

  @Test
  void withoutAWordTheConnectionOfAnEarlierIncarnationIsLost() {
    session.tell(attach(1, false, 3600, will(0)));
    expect("directory node#1", "1 attached false");
    restart();
    expect("1 close SERVER_UNAVAILABLE");
    expectNothing();

    pass(Duration.ofSeconds(5));

    expect("will");
  }

  @Test
  void anActorThatRestartsInTheSameLifeOfTheNodeKeepsItsSession() {
    connectAndSubscribe();
    node.lastAliveMillis = 1; // the life of the node before this one
    clock.addAndGet(7_200_000);
    restart();
    expect("1 close SERVER_UNAVAILABLE");

    session.tell(attach(2, false, 3600, null));

    expect("directory node#1", "subscribe t from 1", "2 attached true", "read t from 1");
  }

  @Test
  void timeDuringWhichTheNodeWasDownCounts() {
    connectAndSubscribe();
    restart();
    expect("1 close SERVER_UNAVAILABLE");
    node.lastAliveMillis = clock.get();
    node.incarnation = "node#2";
    clock.addAndGet(3_600_000);

    session.tell(attach(2, false, 3600, null));

    expect("directory node#2", "unsubscribe t", "2 attached false");
  }

  @Test
  void theDirectoryWakesASessionWhoseNodeIsGone() {
    connectAndSubscribe();
    long lostAt = clock.get();
    restart();
    expect("1 close SERVER_UNAVAILABLE");
    clock.addAndGet(1_800_000);

    session.tell(new ClientSessionActor.Wake(CLIENT, "node#1", lostAt));
    expect("directory  " + (lostAt + 3_600_000));
    clock.addAndGet(1_800_000);
    session.tell(new ClientSessionActor.Wake(CLIENT, "", 0));

    expect("unsubscribe t");
    expectNothing();
    assertEquals("Ended", stored().get(stored().size() - 1));
  }

  @Test
  void anUnfinishedExchangeGoesOnAfterRecovery() {
    connectAndSubscribe();
    push(1, Qos.EXACTLY_ONCE);
    expect("1 publish m1 #1");
    session.tell(
        new ClientSessionActor.Acknowledge(
            1, List.of(new ClientSessionActor.Ack(5, 1, ReasonCode.SUCCESS))));
    expect("1 Pubrel");
    restart();
    expect("1 close SERVER_UNAVAILABLE");

    session.tell(attach(2, false, 3600, null));

    expect("directory node#1", "subscribe t from 2", "2 attached true", "2 Pubrel");
  }

  @Test
  void anOrderlyStopLeavesNoDupOnFirstDeliveries() {
    connectAndSubscribe();
    push(1, Qos.AT_LEAST_ONCE);
    expect("1 publish m1 #1");
    session.tell(
        new ClientSessionActor.Acknowledge(
            1, List.of(new ClientSessionActor.Ack(4, 1, ReasonCode.SUCCESS))));
    restart();
    expect("1 close SERVER_UNAVAILABLE");
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "subscribe t from 2", "2 attached true", "read t from 2");

    push(2, Qos.AT_LEAST_ONCE);

    expect("2 publish m2 #1");
  }

  @Test
  void aSessionThatCannotBeReadRefusesItsClientAndIsCounted() {
    connect(1, false);
    session.tell(new ClientSessionActor.Stop());
    expect("1 close SERVER_UNAVAILABLE");
    awaitStop();
    journal.failNextRead(PERSISTENCE_ID);

    spawnWith(attach(2, false, 3600, null));

    expect("2 refused SERVER_UNAVAILABLE");
    awaitStop();
    assertEquals(1, node.metrics.unreadSessions().count());
    spawnWith(attach(3, false, 3600, null));
    expect("directory node#1", "3 attached true");
  }

  @Test
  void aJournalThatFailsOnConnectRefusesTheClient() {
    journal.failNextPersisted(PERSISTENCE_ID);
    session.tell(attach(1, false, 3600, null));

    expect("directory node#1", "1 refused SERVER_UNAVAILABLE");
    respawn();
    expectNothing();
  }

  @Test
  @Promise("I23")
  void aJournalThatFailsAcknowledgesNothingAndClosesTheConnection() {
    connect(1, false);
    journal.failNextPersisted(PERSISTENCE_ID);

    admit(1, 7);

    expect("1 close SERVER_UNAVAILABLE");
    respawn();
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "2 attached true");
    admit(2, 7);
    expect("2 admitted [7]");
  }

  @Test
  void aJournalThatFailsSendsNoQosTwoMessage() {
    connectAndSubscribe();
    journal.failNextPersisted(PERSISTENCE_ID);

    push(1, Qos.EXACTLY_ONCE);

    expect("1 close SERVER_UNAVAILABLE");
  }

  @Test
  void aJournalThatRejectsIsAFailureToo() {
    connect(1, false);
    journal.rejectNextPersisted(PERSISTENCE_ID);

    admit(1, 7);

    expect("1 close SERVER_UNAVAILABLE");
  }

  @Test
  void snapshotsKeepTheWholeState() {
    connectAndSubscribe();
    for (int id = 1; id <= 420; id++) {
      admit(1, id);
      expect("1 admitted [" + id + "]");
    }
    assertTrue(stored().size() < 300, "events before the snapshot are deleted");
    restart();
    expect("1 close SERVER_UNAVAILABLE");

    session.tell(attach(2, false, 3600, null));

    expect("directory node#1", "subscribe t from 1", "2 attached true", "read t from 1");
    session.tell(
        new ClientSessionActor.Acknowledge(
            2, List.of(new ClientSessionActor.Ack(6, 1, ReasonCode.SUCCESS))));
    expect("2 Pubcomp");
  }
}
