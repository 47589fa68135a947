package io.troupe.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import io.troupe.protocol.packet.ReasonCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The will on its way from the session to its publication. */
class WillFlowTest extends SessionFixture {

  private void connected(long expirySeconds, long delaySeconds) {
    session.tell(attach(1, false, expirySeconds, will(delaySeconds)));
    expect("directory node#1", "1 attached false");
  }

  private void answerWill(ReasonCode result) throws InterruptedException {
    Consumer<ReasonCode> done = node.wills.poll(60, TimeUnit.SECONDS);
    if (done == null) {
      throw new AssertionError("no will was published");
    }
    done.accept(result);
  }

  @Test
  void isStoredAsDuePublishedAndSettled() {
    connected(3600, 0);

    detach(1, true);

    expect(
        "will", "directory  " + (clock.get() + 5_000), "directory  " + (clock.get() + 3_600_000));
    assertEquals(List.of("Attached", "Detached", "WillStarted", "WillSettled"), stored());
  }

  @Test
  void isDiscardedByAnOrderlyDisconnect() {
    connected(3600, 0);

    detach(1, false);

    expect("directory  " + (clock.get() + 3_600_000));
    expectNothing();
  }

  @Test
  void isPublishedWhenTheDirectoryWakesTheSessionAtItsDelay() {
    connected(3600, 10);
    detach(1, true);
    expect("directory  " + (clock.get() + 10_000));
    clock.addAndGet(10_000);

    session.tell(new ClientSessionActor.Wake(CLIENT, "", 0));

    expect("will");
  }

  @Test
  void isTriedAgainUntilItIsStored() throws InterruptedException {
    node.holdWills = true;
    connected(3600, 0);
    detach(1, true);
    expect("will", "directory  " + (clock.get() + 5_000));
    answerWill(ReasonCode.UNSPECIFIED_ERROR);
    expectNothing();

    pass(Duration.ofSeconds(1));
    expect("will again", "directory  " + (clock.get() + 5_000));
    answerWill(ReasonCode.SUCCESS);

    expect("directory  " + (clock.get() - 1_000 + 3_600_000));
  }

  @Test
  void aCleanStartWaitsForTheWillOfTheSessionItEnds() throws InterruptedException {
    node.holdWills = true;
    connected(3600, 60);
    detach(1, true);
    expect("directory  " + (clock.get() + 60_000));
    session.tell(attach(2, true, 3600, null));
    expect("will");
    expectNothing();

    answerWill(ReasonCode.SUCCESS);

    expect("directory node#1", "2 attached false");
  }

  @Test
  void aTakeoverPublishesAWillWithoutDelayBeforeItsConnack() {
    connected(3600, 0);
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER");
    expectNothing();

    detach(1, true);

    expect("will", "directory node#1", "2 attached true");
  }

  /** Its DISCONNECT was read after the CONNECT of its next connection. */
  @Test
  void aTakeoverPublishesNoWillOfAConnectionThatHasSaidGoodbye() {
    connected(3600, 0);
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER");

    detach(1, false);

    expect("directory node#1", "2 attached true");
    expectNothing();
  }

  @Test
  void aConnectionThatDoesNotAnswerIsTakenOverWithItsWill() {
    connected(3600, 0);
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER");
    session.tell(attach(3, false, 3600, null));
    expect("2 refused SERVER_BUSY");

    pass(Duration.ofSeconds(1));

    expect("will", "directory node#1", "3 attached true");
    detach(1, true);
    expectNothing();
  }

  @Test
  void aTakeoverCancelsADelayedWill() {
    connected(3600, 10);
    session.tell(attach(2, false, 3600, null));
    expect("1 close SESSION_TAKEN_OVER");

    detach(1, true);

    expect("directory node#1", "2 attached true");
  }

  @Test
  void aSessionThatEndsWithItsConnectionEndsAfterItsWill() {
    connected(0, 30);

    detach(1, true);

    expect("will", "directory  " + (clock.get() + 5_000));
    shard.expectMessageClass(ClusterSharding.Passivate.class);
    session.tell(new ClientSessionActor.Stop());
    expect("forget to 4 with marks", "directory removed");
    assertEquals(List.of("Attached", "Detached", "WillStarted", "Ended"), stored());
  }

  @Test
  void aRecoveredSessionPublishesWhatWasNotSettled() {
    node.holdWills = true;
    connected(3600, 0);
    detach(1, true);
    expect("will", "directory  " + (clock.get() + 5_000));
    restart();

    session.tell(new ClientSessionActor.Wake(CLIENT, "", 0));

    expect("will again");
  }
}
