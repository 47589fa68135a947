package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.AT_MOST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A subscription replaced by one of QoS 0 reads its queue to the end (MQTT-3.8.4-4). */
class DrainingTest {
  private final SessionHarness s =
      new SessionHarness(new SessionLimits(100, 4, 1 << 20, 1 << 20, 3, 35_000, 0));

  /** Two are sent, the third waits for the window, more is in the queue. */
  @BeforeEach
  void replaced() {
    s.connect(2);
    s.subscribe(subscription("t", EXACTLY_ONCE), 1);
    s.batch(
        "t",
        1,
        4,
        false,
        s.queued(1, AT_LEAST_ONCE),
        s.queued(2, EXACTLY_ONCE),
        s.queued(3, AT_LEAST_ONCE));
    s.take();
    s.subscribe(subscription("t", AT_MOST_ONCE), 6);
  }

  private void readOn() {
    s.puback(1);
    s.batch("t", 4, s.queued(4, EXACTLY_ONCE), s.queued(5, AT_LEAST_ONCE));
  }

  private void leave() {
    s.run(() -> s.session.outbound().onQueueLeft("t"));
  }

  @Test
  void whatItsQueueHoldsIsDeliveredAtQos0() {
    assertEquals(List.of(), s.packets());

    readOn();

    assertEquals(List.of("PUBLISH m3 q0 #0", "PUBLISH m4 q0 #0", "PUBLISH m5 q0 #0"), s.packets());
    assertEquals(6, s.session.outbound().nextOffset("t"));
  }

  @Test
  void thenItLeavesTheQueue() {
    s.take();
    readOn();

    List<String> done = s.take();
    assertEquals("leave t", done.get(done.size() - 1));
    s.batch("t", 6, s.queued(6, AT_LEAST_ONCE)); // before the partition has heard
    assertEquals(List.of("PUBLISH m6 q0 #0"), s.packets());
    leave();
    assertEquals(0, s.session.outbound().nextOffset("t"));
    s.pubrec(2);
    s.recover();
    s.take();
    s.connect(10);
    assertEquals(List.of("PUBREL #2"), s.take());
  }

  @Test
  void aRestartLosesNothing() {
    s.recover();
    s.take();

    s.connect(10);

    assertEquals(List.of("PUBLISH m1 q1 #1 dup", "PUBLISH m2 q2 #2 dup", "read t 3"), s.take());
    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));
    assertEquals(List.of("PUBLISH m3 q0 #0"), s.packets());
  }

  @Test
  void aSnapshotKeepsThatItIsDraining() {
    SessionState restored = new SessionState();

    s.state.toEvents().forEach(event -> event.applyTo(restored));

    assertTrue(restored.subscription("t").orElseThrow().readsQueue());
    leave();
    assertTrue(s.state.subscription("t").orElseThrow().readsQueue(), "nothing was left yet");
  }

  @Test
  void aSocketThatTakesNothingIsWaitedFor() {
    s.flowing = false;
    s.take();

    readOn();

    assertEquals(List.of(), s.packets());
    s.flowing = true;
    s.run(s.session.outbound()::pump);
    assertEquals(List.of("PUBLISH m3 q0 #0", "PUBLISH m4 q0 #0", "PUBLISH m5 q0 #0"), s.packets());
  }

  @Test
  void madeAgainWithAQosItGoesOnWithItsQueue() {
    s.take();

    s.subscribe(subscription("t", AT_LEAST_ONCE), 6);
    readOn();

    assertEquals(List.of("PUBLISH m3 q1 #3"), s.packets());
    s.puback(3);
    s.pubrec(2);
    s.pubcomp(2);
    assertEquals(List.of("PUBLISH m4 q1 #4", "PUBREL #2", "PUBLISH m5 q1 #5"), s.packets());
  }

  @Test
  void itDeliversWhatAnotherQueueLeavesToIt() {
    s.now += 10;
    s.subscribe(subscription("+", AT_LEAST_ONCE), 1);
    s.puback(1);
    s.pubrec(2);
    s.pubcomp(2);
    s.now += 10;
    s.take();

    s.batch("+", 1, s.queued(1, EXACTLY_ONCE));
    s.batch("t", 4, s.queued(4, EXACTLY_ONCE));

    assertEquals(List.of("PUBLISH m4 q1 #4"), s.packets());
  }

  @Test
  void aClientThatGoesWhileTheQueueIsLeftHasLeftIt() {
    readOn();

    s.disconnect();

    assertFalse(s.state.subscription("t").orElseThrow().readsQueue());
    assertEquals(0, s.session.outbound().nextOffset("t"));
  }
}
