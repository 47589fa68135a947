package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.QueuedMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages of queues in memory. */
class PageCacheTest {
  private final PageCache pages = new PageCache(100);

  @Test
  void aPageIsFoundByAnyOffsetInIt() {
    put(1, 10, 12, 30);

    assertNull(pages.find(1, 9));
    assertNotNull(pages.find(1, 10));
    assertNotNull(pages.find(1, 11));
    assertNull(pages.find(1, 12));
    assertNull(pages.find(2, 10));
  }

  @Test
  void whatWasUsedLongestAgoGoesAtTheLimit() {
    put(1, 10, 12, 40);
    put(2, 10, 12, 40);
    assertNotNull(pages.find(1, 10));

    put(3, 10, 12, 40);

    assertNotNull(pages.find(1, 10));
    assertNull(pages.find(2, 10));
    assertNotNull(pages.find(3, 10));
    assertEquals(80, pages.bytes());
  }

  @Test
  void aQueueThatIsForgottenTakesNoMemory() {
    put(1, 10, 12, 40);
    put(1, 12, 14, 20);
    put(2, 10, 12, 30);

    pages.forget(1);

    assertNull(pages.find(1, 10));
    assertNull(pages.find(1, 12));
    assertNotNull(pages.find(2, 10));
    assertEquals(30, pages.bytes());
  }

  private void put(long queueId, long from, long next, long bytes) {
    Message message =
        new Message(
            "t", Payload.utf8("m"), Qos.AT_LEAST_ONCE, false, MessageProperties.NONE, "p", 0);
    List<QueuedMessage> messages = List.of(new QueuedMessage(from, message));
    pages.put(new PageCache.Page(queueId, from, messages, next, bytes));
  }
}
