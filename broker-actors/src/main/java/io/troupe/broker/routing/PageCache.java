package io.troupe.broker.routing;

import io.troupe.protocol.session.QueuedMessage;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Pages of queues read lately, so that sessions at the same place read them once; bounded. */
final class PageCache {
  /**
   * What a queue holds from an offset on.
   *
   * @param nextOffset the offset after it; between it and {@code from} there is nothing else
   */
  record Page(long queueId, long from, List<QueuedMessage> messages, long nextOffset, long bytes) {}

  private record Key(long queueId, long from) {}

  private final long bytesMax;
  private final Map<Long, TreeMap<Long, Page>> byQueue = new HashMap<>();
  private final LinkedHashMap<Key, Page> byUse = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  PageCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** A page that contains an offset. */
  @Nullable Page find(long queueId, long offset) {
    TreeMap<Long, Page> pages = byQueue.get(queueId);
    Map.Entry<Long, Page> entry = pages == null ? null : pages.floorEntry(offset);
    if (entry == null || entry.getValue().nextOffset() <= offset) {
      return null;
    }
    return byUse.get(new Key(queueId, entry.getKey()));
  }

  void put(Page page) {
    if (page.nextOffset() <= page.from()) {
      return;
    }
    Page before = byUse.put(new Key(page.queueId(), page.from()), page);
    bytes += page.bytes() - (before == null ? 0 : before.bytes());
    byQueue.computeIfAbsent(page.queueId(), id -> new TreeMap<>()).put(page.from(), page);
    while (bytes > bytesMax && !byUse.isEmpty()) {
      remove(byUse.values().iterator().next());
    }
  }

  /** Of all pages together. */
  long bytes() {
    return bytes;
  }

  private void remove(Page page) {
    byUse.remove(new Key(page.queueId(), page.from()));
    bytes -= page.bytes();
    TreeMap<Long, Page> pages = byQueue.get(page.queueId());
    if (pages != null) {
      pages.remove(page.from());
      if (pages.isEmpty()) {
        byQueue.remove(page.queueId());
      }
    }
  }

  /** The queue's content is not what it was. */
  void forget(long queueId) {
    TreeMap<Long, Page> pages = byQueue.get(queueId);
    if (pages != null) {
      List.copyOf(pages.values()).forEach(this::remove);
    }
  }
}
