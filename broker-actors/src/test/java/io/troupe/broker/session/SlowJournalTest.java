package io.troupe.broker.session;

import akka.persistence.testkit.JournalOperation;
import akka.persistence.testkit.ProcessingPolicy;
import akka.persistence.testkit.ProcessingResult;
import akka.persistence.testkit.ProcessingSuccess;
import akka.persistence.testkit.ReadEvents;
import akka.persistence.testkit.WriteEvents;
import io.troupe.protocol.packet.Qos;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nothing is acknowledged or sent while the journal takes its time; nothing is lost meanwhile. */
class SlowJournalTest extends SessionFixture {

  /** Lets an operation wait until the latch opens. */
  private record Slow(
      Class<? extends JournalOperation> operation, CountDownLatch begun, CountDownLatch open)
      implements ProcessingPolicy<JournalOperation> {
    Slow(Class<? extends JournalOperation> operation) {
      this(operation, new CountDownLatch(1), new CountDownLatch(1));
    }

    @Override
    public ProcessingResult tryProcess(String persistenceId, JournalOperation done) {
      if (operation.isInstance(done)) {
        begun.countDown();
        try {
          if (!open.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the test has ended without opening the journal");
          }
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      return ProcessingSuccess.getInstance();
    }

    void awaitBegun() throws InterruptedException {
      if (!begun.await(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the journal was not asked");
      }
    }
  }

  @Test
  void whatComesMeanwhileIsHandledInOrderAfterwards() throws InterruptedException {
    connectAndSubscribe();
    Slow slow = new Slow(WriteEvents.class);
    journal.withPolicy(slow);

    session.tell(new ClientSessionActor.Admit(1, List.of(7)));
    slow.awaitBegun();
    session.tell(new ClientSessionActor.Admit(1, List.of(8)));
    push(1, Qos.EXACTLY_ONCE);
    if (!node.log.isEmpty()) {
      throw new AssertionError("before it was stored: " + node.log);
    }
    slow.open.countDown();

    expect("1 admitted [7]", "1 admitted [8]", "1 publish m1 #1");
  }

  @Test
  void whoWaitsTooLongForASessionToBeReadIsRefused() throws InterruptedException {
    connect(1, false);
    session.tell(new ClientSessionActor.Stop());
    expect("1 close SERVER_UNAVAILABLE");
    awaitStop();
    Slow slow = new Slow(ReadEvents.class);
    journal.withPolicy(slow);
    spawnWith(attach(2, false, 3600, null));
    slow.awaitBegun();

    pass(Attachment.ANSWERS_WITHIN);

    expect("2 refused SERVER_UNAVAILABLE");
    session.tell(attach(3, false, 3600, null));
    slow.open.countDown();
    expect("directory node#1", "3 attached true");
  }
}
