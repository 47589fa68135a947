package io.troupe.broker.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoteConnectionTest {
  private final List<FromSession> sent = new ArrayList<>();
  private final List<Runnable> takings = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private boolean full;

  private final RemoteConnection connection =
      new RemoteConnection(
          7,
          1_000,
          new RemoteConnection.Link() {
            @Override
            public void send(FromSession content, Runnable taken) {
              sent.add(content);
              takings.add(taken);
            }

            @Override
            public void attached(RemoteConnection attached) {
              log.add("attached");
            }

            @Override
            public void detached(RemoteConnection detached) {
              log.add("detached");
            }

            @Override
            public boolean isFull() {
              return full;
            }
          },
          () -> log.add("lost"));

  @Test
  void theClientIsToldWhatItsSessionHasSeenTo() {
    connection.handled(3);

    assertEquals(List.of(new FromSession.Handled(3)), sent);
  }

  @Test
  void isCongestedByWhatTheOtherNodeHasNotTakenAndByAFullLink() {
    OutboundBatch batch = new OutboundBatch();
    Payload payload = Payload.wrap(new byte[2_000]);
    batch.add(
        List.of(new Message("t", payload, Qos.AT_MOST_ONCE, false, MessageProperties.NONE, "p", 1)),
        new Delivery(Qos.AT_MOST_ONCE, false, List.of()));
    batch.carries(() -> log.add("taken"));
    assertFalse(connection.isCongested());

    connection.deliver(batch);

    assertTrue(connection.isCongested());
    assertEquals(List.of(), log);
    takings.forEach(Runnable::run);
    assertFalse(connection.isCongested());
    assertEquals(List.of("taken"), log);
    full = true;
    assertTrue(connection.isCongested());
  }

  @Test
  void aLinkThatBreaksConcernsItUntilItCloses() {
    connection.attached(true);
    connection.close(ReasonCode.SESSION_TAKEN_OVER);
    connection.lost();

    assertEquals(List.of("attached", "detached", "lost"), log);
    assertEquals(
        List.of(
            new FromSession.Attached(true), new FromSession.Close(ReasonCode.SESSION_TAKEN_OVER)),
        sent);
  }
}
