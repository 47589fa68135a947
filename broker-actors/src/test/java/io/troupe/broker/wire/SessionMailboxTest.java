package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session that does not take its messages: they wait at their publishers, not in memory. */
@Timeout(120)
class SessionMailboxTest {
  private static final int SIZE = 10_000;
  private static final int MESSAGES = 200;

  private final HeldStore node =
      new HeldStore(Map.of("troupe.dev", true, "troupe.session.mailbox-bytes-max", "64 KiB"));

  @AfterEach
  void close() {
    node.close();
  }

  private static byte[] payload(int number) {
    byte[] payload = new byte[SIZE];
    payload[0] = (byte) number;
    return payload;
  }

  private static void send(WireClient publisher) {
    for (int i = 0; i < MESSAGES; i++) {
      publisher.send(publish(HeldStore.SESSION_TOPIC, payload(i)));
    }
  }

  private static List<Message> messages(Deliver first) {
    List<Message> messages = new ArrayList<>();
    for (Deliver d = first; d != null; d = d.next()) {
      messages.addAll(d.messages());
    }
    return messages;
  }

  @Test
  @Promise("F8")
  void holdsNoMoreThanItsMailboxThoughItTakesNothing() {
    var publisher = node.connect(Version.V5, "publisher");
    var other = node.connect(Version.V5, "other");

    var sending = CompletableFuture.runAsync(() -> send(publisher));
    List<Deliver> held = new ArrayList<>();
    int count = 0;
    // nobody waits for such a session for ever: the rest is dropped
    while (count + node.dropped(DropReason.OVERLOAD) < MESSAGES) {
      other.ping();
      Deliver next = node.nextDelivery(10);
      if (next != null) {
        held.add(next);
        count += messages(next).size();
      }
    }
    sending.join();
    assertTrue(count < MESSAGES / 4, "in the mailbox: " + count);

    held.forEach(deliver -> deliver.parcel().taken());
    publisher.send(publish(HeldStore.SESSION_TOPIC, "again"));
    Deliver again = Objects.requireNonNull(node.nextDelivery(60_000));
    assertEquals("again", messages(again).get(0).payload().asUtf8());
  }

  @Test
  void getsThemInOrderWhenItIsSlow() {
    var publisher = node.connect(Version.V5, "publisher");
    var sending = CompletableFuture.runAsync(() -> send(publisher));

    int count = 0;
    int last = -1;
    // none is dropped, unless this thread stands still for two seconds
    while (count + node.dropped(DropReason.OVERLOAD) < MESSAGES) {
      Deliver deliver = node.nextDelivery(10);
      if (deliver != null) {
        for (Message message : messages(deliver)) {
          int number = message.payload().array()[0] & 0xFF;
          assertTrue(number > last, number + " after " + last);
          last = number;
          count++;
        }
        deliver.parcel().taken();
      }
    }
    sending.join();
    assertTrue(count > MESSAGES / 2, "got " + count);
  }
}
