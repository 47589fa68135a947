package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is sent and unacknowledged is bounded in bytes too; a message here has 67. */
class WindowBytesTest {
  private final SessionHarness s =
      new SessionHarness(new SessionLimits(100, 50, 1 << 20, 200, 3, 35_000, 0));

  @BeforeEach
  void subscribed() {
    s.connect(100);
    s.subscribe(subscription("t", AT_LEAST_ONCE), 1);
    s.batch("t", 1);
    s.take();
    QueuedMessage[] messages = new QueuedMessage[5];
    for (int i = 0; i < messages.length; i++) {
      messages[i] = s.queued(i + 1, AT_LEAST_ONCE);
    }
    s.batch("t", 1, messages);
  }

  @Test
  void messagesWaitOnceTheWindowHoldsItsBytes() {
    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q1 #2", "PUBLISH m3 q1 #3"), s.packets());

    s.puback(1);
    assertEquals(List.of("PUBLISH m4 q1 #4"), s.packets());
  }

  @Test
  void theBytesCountAnewOnTheNextConnection() {
    s.take();
    s.disconnect();

    s.connect(100);

    assertEquals(
        List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q1 #2 dup", "PUBLISH m3 q1 #3 dup"),
        s.packets());
  }
}
