package io.troupe.protocol.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.session.InboundFlow.Admission;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Client to broker at QoS 2: a packet identifier names one message until PUBREL (4.3.3). */
class InboundFlowTest {
  private final SessionHarness s = new SessionHarness();

  @BeforeEach
  void connected() {
    s.connect(10);
  }

  private List<Admission> admit(Integer... ids) {
    List<Admission> admissions = new ArrayList<>();
    s.run(() -> admissions.addAll(s.session.inbound().admit(List.of(ids))));
    return admissions;
  }

  private List<Boolean> release(Integer... ids) {
    List<Boolean> known = new ArrayList<>();
    s.run(() -> known.addAll(s.session.inbound().release(List.of(ids))));
    return known;
  }

  private void routed(Admission admission) {
    s.run(() -> s.session.inbound().routed(admission.packetId(), admission.sequence()));
  }

  @Test
  void newIdentifiersGetConsecutiveSequences() {
    List<Admission> admitted = admit(7, 3);

    long first = admitted.get(0).sequence();
    assertEquals(
        List.of(new Admission(7, first, false, false), new Admission(3, first + 1, false, false)),
        admitted);
    assertEquals(first, s.session.inbound().settledBelow());
  }

  @Test
  void aRepeatedPublishNamesTheSameMessage() {
    Admission first = admit(7).get(0);

    assertEquals(new Admission(7, first.sequence(), true, false), admit(7).get(0));
  }

  @Test
  void aRepeatedPublishThatWasRoutedIsOnlyAnswered() {
    Admission first = admit(7).get(0);
    routed(first);

    assertEquals(new Admission(7, first.sequence(), true, true), admit(7).get(0));
  }

  @Test
  void theSameIdentifierTwiceInOneReadIsOneMessage() {
    List<Admission> admitted = admit(7, 7);

    assertEquals(admitted.get(0).sequence(), admitted.get(1).sequence());
    assertTrue(admitted.get(1).retry());
  }

  @Test
  void afterRecoveryARepeatedPublishIsARetry() {
    Admission first = admit(7).get(0);
    routed(first);
    s.recover();

    assertEquals(new Admission(7, first.sequence(), true, false), admit(7).get(0));
  }

  @Test
  void anAdmissionThatWasNotStoredLeavesNothing() {
    s.crashBeforeStoring(() -> s.session.inbound().admit(List.of(7)));

    assertEquals(false, admit(7).get(0).retry());
  }

  @Test
  void afterPubrelTheIdentifierNamesAnotherMessage() {
    Admission first = admit(7).get(0);
    routed(first);
    assertEquals(List.of(true), release(7));

    Admission second = admit(7).get(0);

    assertEquals(new Admission(7, first.sequence() + 1, false, false), second);
  }

  @Test
  void anUnknownIdentifierIsNotFoundOnPubrel() {
    assertEquals(List.of(false), release(9));
  }

  @Test
  void aReleaseOutlivesACrash() {
    admit(7);
    release(7);
    s.recover();

    assertEquals(List.of(false), release(7));
  }

  @Test
  void aRefusedMessageEndsTheExchange() {
    Admission first = admit(7).get(0);
    s.run(() -> s.session.inbound().refused(7, first.sequence()));

    assertEquals(false, admit(7).get(0).retry());
  }

  @Test
  void aLateRoutedDoesNotTouchTheNextMessageOfTheIdentifier() {
    Admission first = admit(7).get(0);
    release(7);
    Admission second = admit(7).get(0);

    routed(first);

    assertEquals(new Admission(7, second.sequence(), true, false), admit(7).get(0));
  }

  @Test
  void sequencesAreSettledUpToTheOldestOpenOne() {
    long first = admit(1, 2, 3).get(0).sequence();

    release(2);
    assertEquals(first, s.session.inbound().settledBelow());
    release(1);
    assertEquals(first + 2, s.session.inbound().settledBelow());
    release(3);
    assertEquals(first + 3, s.session.inbound().settledBelow());
  }

  @Test
  void aLaterSessionThatRemembersNothingUsesOtherSequences() {
    SessionHarness forgetful = new SessionHarness();
    forgetful.now = s.now + 1;
    long last = admit(1, 2, 3).get(2).sequence();

    forgetful.connect(10);
    forgetful.run(() -> forgetful.session.inbound().admit(List.of(1)));

    assertTrue(forgetful.state.lastSequence() > last);
  }
}
