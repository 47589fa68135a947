package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SentMarksTest {
  private final SentMarks marks = new SentMarks();

  private static List<QueuedMessage> messages(long... offsets) {
    Message message =
        new Message("t", Payload.EMPTY, Qos.AT_LEAST_ONCE, false, MessageProperties.NONE, "p", 0);
    return LongStream.of(offsets).mapToObj(offset -> new QueuedMessage(offset, message)).toList();
  }

  @Test
  void sendingIsStoredOncePerHundredMessages() {
    int stored = 0;
    for (long offset = 1; offset <= 10_000; offset++) {
      long below = marks.sending(offset);
      if (below > 0) {
        stored++;
      }
      assertEquals(true, offset < marks.storedBelow());
    }

    assertEquals(100, stored);
  }

  @Test
  void whatIsNotUsedIsTakenBackOnceMessagesWaitAndNothingIsSent() {
    marks.sending(1);
    assertEquals(0, marks.takeBack(2)); // just sent
    assertEquals(0, marks.takeBack(2)); // nothing waits
    assertEquals(2, marks.takeBack(3));
    assertEquals(0, marks.takeBack(3)); // it is stored

    assertEquals(3 + SentMarks.AHEAD, marks.sending(2));
  }

  @Test
  void afterARestartAllBelowTheMarkMayHaveBeenSentButNothingBeyondTheEnd() {
    marks.restore(103);
    marks.queueLoaded(5);
    marks.queueLoaded(200);

    assertEquals(List.of(3L, 4L), marks.of(messages(3, 4, 5, 100)));
    assertEquals(0, marks.sending(100)); // stored is more
    assertEquals(104 + SentMarks.AHEAD, marks.sending(103));
  }

  @Test
  void whatAMemberLeftWithWasSent() {
    marks.add(3);
    marks.add(4);
    marks.remove(4);

    assertEquals(List.of(3L), marks.of(messages(2, 3, 4)));
  }
}
