package io.troupe.broker.session;

import akka.persistence.testkit.JournalOperation;
import akka.persistence.testkit.ProcessingPolicy;
import akka.persistence.testkit.ProcessingResult;
import akka.persistence.testkit.ProcessingSuccess;
import akka.persistence.testkit.WriteEvents;
import io.troupe.protocol.packet.Qos;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Nothing is acknowledged or sent while the journal takes its time; nothing is lost meanwhile. */
class SlowJournalTest extends SessionFixture {

  /** Lets a write wait until the latch opens. */
  private record Slow(CountDownLatch writing, CountDownLatch open)
      implements ProcessingPolicy<JournalOperation> {
    @Override
    public ProcessingResult tryProcess(String persistenceId, JournalOperation operation) {
      if (operation instanceof WriteEvents) {
        writing.countDown();
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
  }

  @Test
  void whatComesMeanwhileIsHandledInOrderAfterwards() throws InterruptedException {
    connectAndSubscribe();
    Slow slow = new Slow(new CountDownLatch(1), new CountDownLatch(1));
    journal.withPolicy(slow);

    session.tell(new ClientSessionActor.Admit(1, List.of(7)));
    if (!slow.writing.await(60, TimeUnit.SECONDS)) {
      throw new AssertionError("nothing was written");
    }
    session.tell(new ClientSessionActor.Admit(1, List.of(8)));
    push(1, Qos.EXACTLY_ONCE);
    if (!node.log.isEmpty()) {
      throw new AssertionError("before it was stored: " + node.log);
    }
    slow.open.countDown();

    expect("1 admitted [7]", "1 admitted [8]", "1 publish m1 #1");
  }
}
