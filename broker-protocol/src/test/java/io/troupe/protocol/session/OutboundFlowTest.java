package io.troupe.protocol.session;

import static io.troupe.protocol.packet.Qos.AT_LEAST_ONCE;
import static io.troupe.protocol.packet.Qos.AT_MOST_ONCE;
import static io.troupe.protocol.packet.Qos.EXACTLY_ONCE;
import static io.troupe.protocol.session.SessionHarness.subscription;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Window, packet identifiers, acknowledgements and redelivery (4.3, 4.4, 4.9). */
class OutboundFlowTest {
  private final SessionHarness s = new SessionHarness();

  private void connected(int receiveMaximum) {
    s.connect(receiveMaximum);
    s.subscribe(subscription("t", EXACTLY_ONCE), 1);
    s.batch("t", 1);
    s.take();
  }

  private void direct(Qos qos, String... payloads) {
    for (String payload : payloads) {
      Message message = s.message("r", payload, qos);
      s.run(
          () ->
              s.session
                  .outbound()
                  .onDirect(List.of(message), new Delivery(EXACTLY_ONCE, true, List.of())));
    }
  }

  @Test
  void sendsNoMoreThanReceiveMaximumUnacknowledged() {
    connected(2);

    s.batch(
        "t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE), s.queued(3, AT_LEAST_ONCE));

    assertEquals(List.of("PUBLISH m1 q1 #1", "PUBLISH m2 q2 #2"), s.packets());
  }

  @Test
  void pubackMakesRoomForTheNextMessage() {
    connected(1);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));
    s.take();

    s.puback(1);

    assertEquals(List.of("PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  void qosTwoOccupiesTheWindowUntilPubcomp() {
    connected(1);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE), s.queued(2, AT_LEAST_ONCE));
    s.pubrec(1);
    assertEquals(List.of("PUBLISH m1 q2 #1", "PUBREL #1"), s.packets());

    s.pubcomp(1);

    assertEquals(List.of("PUBLISH m2 q1 #2"), s.packets());
  }

  @Test
  void pubrecWithAnErrorEndsTheExchange() {
    connected(1);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE), s.queued(2, EXACTLY_ONCE));
    s.take();

    s.run(
        () -> {
          s.session.outbound().onPubrec(1, ReasonCode.QUOTA_EXCEEDED);
          s.session.outbound().pump();
        });

    assertEquals(List.of("PUBLISH m2 q2 #2"), s.packets());
    s.recover();
    s.connect(10);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE), s.queued(2, EXACTLY_ONCE));
    assertEquals(List.of("PUBLISH m2 q2 #2 dup"), s.packets());
  }

  @Test
  void answersUnknownPacketIdentifiersWithoutHarm() {
    connected(2);

    s.puback(9);
    s.pubcomp(9);
    s.pubrec(9);
    s.run(() -> s.session.outbound().onPubrec(9, ReasonCode.UNSPECIFIED_ERROR));

    assertEquals(List.of("PUBREL #9 unknown"), s.packets());
    assertEquals(0, s.session.outbound().windowUsed());
  }

  @Test
  void anAcknowledgementOfTheWrongKindIsIgnored() {
    connected(2);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));
    s.take();

    s.puback(2);
    s.pubcomp(2);
    s.pubcomp(1);

    assertEquals(2, s.session.outbound().windowUsed());
  }

  @Test
  void packetIdentifiersWrapAndSkipThoseInUse() {
    connected(10);
    direct(AT_LEAST_ONCE, "held");
    for (int i = 2; i <= 65535; i++) {
      direct(AT_LEAST_ONCE, "x");
      s.puback(i);
      s.flush();
    }
    s.take();

    direct(AT_LEAST_ONCE, "after");

    assertEquals(List.of("PUBLISH after q1 #2"), s.packets());
  }

  @Test
  void resendsInTheFirstOrderWithDupAfterReconnect() {
    connected(10);
    s.batch(
        "t", 1, s.queued(1, EXACTLY_ONCE), s.queued(2, AT_LEAST_ONCE), s.queued(3, EXACTLY_ONCE));
    s.pubrec(1);
    s.take();

    s.reconnect(10);

    assertEquals(List.of("PUBREL #1", "PUBLISH m2 q1 #2 dup", "PUBLISH m3 q2 #3 dup"), s.packets());
  }

  @Test
  void resendingKeepsWithinASmallerReceiveMaximum() {
    connected(10);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));
    s.take();

    s.reconnect(1);
    assertEquals(List.of("PUBLISH m1 q1 #1 dup"), s.packets());
    s.puback(1);

    assertEquals(List.of("PUBLISH m2 q1 #2 dup"), s.packets());
  }

  @Test
  void anAcknowledgementBeforeTheResendLeaksNoPlaceOfTheWindow() {
    connected(10);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, AT_LEAST_ONCE));
    s.reconnect(1);
    s.take();

    s.puback(2);
    s.puback(1);

    assertEquals(0, s.session.outbound().windowUsed());
    s.batch("t", 3, s.queued(3, AT_LEAST_ONCE));
    assertEquals(List.of("PUBLISH m3 q1 #3"), s.packets());
  }

  @Test
  void nothingIsSentBeforeTheConnectionIsReady() {
    connected(10);
    s.disconnect();
    s.run(() -> s.session.attach(false, 3600, null, null, SessionHarness.NODE, 7));
    s.session.outbound().attach(true, 10);

    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE));
    direct(AT_LEAST_ONCE, "d");
    assertEquals(List.of(), s.packets());
    s.session.outbound().start();
    s.run(s.session.outbound()::pump);

    assertEquals(List.of("PUBLISH d q1 #1", "read t 1"), s.take());
  }

  @Test
  void aResendAsksAgainForTheRightToReceive() {
    connected(10);
    s.batch("t", 1, s.queued(1, AT_LEAST_ONCE), s.queued(2, EXACTLY_ONCE));
    s.disconnect();
    s.take();
    s.allowed = (message, delivery) -> false;

    s.connect(10);

    // PUBREL frees the identifier that the client may hold
    assertEquals(List.of("PUBREL #2"), s.packets());
    s.pubcomp(2);
    assertEquals(0, s.session.outbound().inflightCount());
  }

  @Test
  void anExpiredMessageThatWasNeverSentIsNotSentAfterReconnect() {
    connected(1);
    direct(AT_LEAST_ONCE, "first");
    Message short_ = s.message("r", "short", AT_LEAST_ONCE, 5);
    s.run(
        () ->
            s.session
                .outbound()
                .onDirect(List.of(short_), new Delivery(AT_LEAST_ONCE, false, List.of())));
    s.disconnect();
    s.take();
    s.now += 6_000;

    s.connect(10);

    assertEquals(List.of("PUBLISH first q1 #1 dup", "dropped EXPIRED 1", "read t 1"), s.take());
  }

  @Test
  void directMessagesOfADurableSessionSurvive() {
    connected(1);
    direct(AT_LEAST_ONCE, "one", "two");
    direct(EXACTLY_ONCE, "three");
    direct(AT_MOST_ONCE, "lost");
    s.disconnect();
    s.take();

    s.recover();
    s.connect(10);

    assertEquals(
        List.of("PUBLISH one q1 #1 dup", "PUBLISH two q1 #2 dup", "PUBLISH three q2 #3 dup"),
        s.packets());
    s.puback(1, 2);
    s.pubrec(3);
    s.pubcomp(3);
    s.flush();
    assertTrue(s.state.assigned().isEmpty());
    assertTrue(s.state.released().isEmpty());
  }

  @Test
  void directMessagesBeyondTheLimitAreDroppedAndCounted() {
    connected(1);
    for (int i = 0; i < 22; i++) {
      direct(AT_LEAST_ONCE, "x" + i);
    }

    assertTrue(s.take().contains("dropped PENDING_FULL 1"));
    assertFalse(s.session.outbound().hasRoom());
    assertEquals(20, s.session.outbound().pendingCount());
  }

  @Test
  void pubrecAndPubcompInOneReadFreeTheIdentifierForGood() {
    connected(1);
    s.batch("t", 1, s.queued(1, EXACTLY_ONCE));

    s.run(
        () -> {
          s.session.outbound().onPubrec(1, ReasonCode.SUCCESS);
          s.session.outbound().onPubcomp(1);
        });
    s.flush();

    assertTrue(s.state.released().isEmpty());
    s.recover();
    assertEquals(0, s.session.outbound().inflightCount());
  }
}
