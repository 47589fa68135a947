package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** CONNECT, takeover, the end of a connection, passivation. */
class AttachTest extends SessionFixture {

  @Test
  void connackComesAfterDirectoryAndJournal() {
    node.holdDirectory = true;
    session.tell(attach(1, false, 3600, null));
    expect("directory node#1");
    expectNothing();
    assertEquals(List.of(), stored());

    node.release();

    expect("1 attached false");
    assertEquals(List.of("Attached"), stored());
  }

  @Test
  void aSessionThatEndsWithItsConnectionStoresNothing() {
    session.tell(attach(1, true, 0, null));
    expect("1 attached false");
    session.tell(subscribe(1, "t"));
    expect("subscribe t from 0", "1 suback [GRANTED_QOS_2]");
    detach(1, false);

    expect("unsubscribe t", "directory removed");
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    assertEquals(List.of(), stored());
  }

  @Test
  void connackWaitsUntilPartitionsKnowThatTheSessionIsOnline() {
    connectAndSubscribe();
    detach(1, false);
    expect("offline t", "directory  " + (clock.get() + 3_600_000));
    node.holdPartitions = true;
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "subscribe t from 1");
    push(1, Qos.AT_LEAST_ONCE); // before CONNACK: the connection would drop it
    expectNothing();

    node.release();

    expect("2 attached true", "read t from 1");
    node.release();
    push(1, Qos.AT_LEAST_ONCE);
    expect("2 publish m1 #1");
  }

  @Test
  void takeoverClosesTheOldConnectionAndKeepsTheSession() {
    connectAndSubscribe();

    session.tell(attach(2, false, 3600, null));

    expect(
        "offline t",
        "1 close SESSION_TAKEN_OVER",
        "directory node#1",
        "subscribe t from 1",
        "2 attached true",
        "read t from 1");
  }

  @Test
  void whatAShareGroupAssignedToTheEarlierConnectionIsNotSentOnTheNext() {
    connect(1, false);
    session.tell(subscribe(1, "$share/g/t"));
    expect("subscribe $share/g/t from 0", "1 suback [GRANTED_QOS_2]");
    node.holdPartitions = true;
    session.tell(attach(2, false, 3600, null));
    expect(
        "offline $share/g/t",
        "1 close SESSION_TAKEN_OVER",
        "directory node#1",
        "subscribe $share/g/t from 0");

    assign("$share/g/t", 1); // the partition told it before it heard of the takeover
    expectNothing();
    node.release();
    expect("2 attached true");
    assign("$share/g/t", 2);

    expect("2 publish m2 #1");
  }

  @Test
  void lateMessagesOfATakenOverConnectionAreDropped() {
    connectAndSubscribe();
    push(1, Qos.AT_LEAST_ONCE);
    expect("1 publish m1 #1");
    session.tell(attach(2, false, 3600, null));
    expect(
        "offline t",
        "1 close SESSION_TAKEN_OVER",
        "directory node#1",
        "subscribe t from 2",
        "2 attached true",
        "read t from 2",
        "2 publish m1 #1 dup");

    session.tell(
        new ClientSessionActor.Acknowledge(
            1, List.of(new ClientSessionActor.Ack(4, 1, ReasonCode.SUCCESS))));
    session.tell(subscribe(1, "u"));
    session.tell(new ClientSessionActor.Admit(1, List.of(5)));
    detach(1, true);

    expectNothing();
  }

  @Test
  void aSecondConnectTakesThePlaceOfOneThatStillWaits() {
    node.holdDirectory = true;
    session.tell(attach(1, false, 3600, null));
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "directory node#1", "1 refused SERVER_BUSY");

    node.release();

    expect("2 attached false");
    expectNothing();
  }

  @Test
  void aClientThatGoesBeforeConnackLeavesTheDeadlineInTheDirectory() {
    connect(1, false);
    detach(1, false);
    String deadline = "directory  " + (clock.get() + 3_600_000);
    expect(deadline);
    node.holdDirectory = true;
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1");

    detach(2, true);

    expect(deadline);
  }

  @Test
  void answersThatDoNotComeEndTheAttempt() {
    connectAndSubscribe();
    detach(1, false);
    expect("offline t", "directory  " + (clock.get() + 3_600_000));
    node.holdPartitions = true;
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1", "subscribe t from 1");
    expectNothing();

    pass(Duration.ofSeconds(8));

    expect("2 refused SERVER_UNAVAILABLE");
  }

  @Test
  void aDirectoryThatDoesNotAnswerEndsTheAttempt() {
    node.holdDirectory = true;
    session.tell(attach(1, false, 3600, null));
    expect("directory node#1");

    pass(Duration.ofSeconds(8));

    expect("1 refused SERVER_UNAVAILABLE", "directory removed");
  }

  @Test
  void aLateAnswerOfTheDirectoryIsNotTakenForThatToANewerRequest() {
    connect(1, false);
    detach(1, false);
    String deadline = "directory  " + (clock.get() + 3_600_000);
    expect(deadline);
    node.holdDirectory = true;
    session.tell(attach(2, false, 3600, null));
    expect("directory node#1");
    pass(Duration.ofSeconds(8));
    expect("2 refused SERVER_UNAVAILABLE", deadline);
    session.tell(attach(3, false, 3600, null));
    expect("directory node#1");

    node.releaseOne();

    expectNothing();
    node.release();
    expect("3 attached true");
  }

  @Test
  void aConnectionThatIsGoneWhenItsSessionIsReadyIsDetached() {
    ClientSessionActor.Attach attach = attach(1, false, 3600, will(0));
    node.connections.clear();
    session.tell(attach);

    expect("directory node#1");
    expect("will", "directory  " + (clock.get() + 5_000));
  }

  @Test
  void leavesMemoryWhenIdleAndSendsAClientThatComesThenToTheNextIncarnation() {
    connect(1, false);
    detach(1, false);
    expect("directory  " + (clock.get() + 3_600_000));
    expectNothing();

    pass(Duration.ofSeconds(30));
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    ClientSessionActor.Attach attach = attach(2, false, 3600, null);
    session.tell(attach);

    region.expectMessage(attach);
    expectNothing();
  }

  @Test
  void staysInMemoryWhileConnected() {
    connect(1, false);

    pass(Duration.ofSeconds(60));

    shard.expectNoMessage();
    expectNothing();
  }
}
