package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.QueueConfig.Limits;
import io.troupe.broker.config.WhenFull;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.serialization.MessageCodec;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.store.QueueLog;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gives pages of the queues to sessions that are behind, and to groups. */
final class ReadStage {
  private static final long PAGES_BYTES_MAX = 1 << 20;

  private record Key(long queueId, long from) {}

  /** Waits for a page; null: it cannot be read now. */
  private interface Waiter extends Consumer<PageCache.@Nullable Page> {}

  private final PartitionScope scope;
  private final QueueLoads loads;
  private final PageCache pages = new PageCache(PAGES_BYTES_MAX);
  private final Map<Key, List<Waiter>> reading = new HashMap<>();

  /** Reads to try again: their queue is not loaded, or the store did not answer. */
  private List<TopicPartitionActor.Read> later = new ArrayList<>();

  ReadStage(PartitionScope scope, QueueLoads loads) {
    this.scope = scope;
    this.loads = loads;
  }

  /** Tells a session that it is not in step, so that it reads. */
  static void tellBehind(PartitionScope scope, FilterState filter, SubscriberState subscriber) {
    ActorRef<ClientSessionActor.Command> session = subscriber.session;
    if (session != null) {
      scope.sessions.tell(session, ClientSessionActor.QueueBatch.behind(filter.text()));
    }
  }

  void onRead(TopicPartitionActor.Read read) {
    FilterState filter = scope.state.filter(read.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(read.clientId());
    DurableQueue queue = filter == null ? null : filter.queue;
    if (filter == null || subscriber == null || queue == null || !subscriber.readsQueue()) {
      scope.sessions.tell(
          read.replyTo(),
          new ClientSessionActor.SubscriptionFailed(
              read.filter(), ReasonCode.NO_SUBSCRIPTION_EXISTED));
      return;
    }
    if (!loads.loaded(filter)) {
      later.add(read);
      return;
    }
    noteFull(queue, subscriber);
    long from = start(queue, subscriber, Math.max(1, read.fromOffset()));
    if (from >= queue.end()) {
      answer(read, filter, subscriber, List.of(), Math.max(from, queue.end()));
      return;
    }
    page(
        queue,
        from,
        page -> {
          if (page == null) {
            later.add(read);
          } else {
            onPage(read, page);
          }
        });
  }

  /** Where there is something to read for a subscriber. */
  private static long start(DurableQueue queue, SubscriberState subscriber, long from) {
    long start = Math.max(from, queue.first());
    start = Math.max(start, Math.min(queue.floor(subscriber.cursorLimits), queue.end()));
    return subscriber.skipped == null ? start : subscriber.skipped.skip(start, queue.end());
  }

  private void onPage(TopicPartitionActor.Read read, PageCache.Page page) {
    FilterState filter = scope.state.filter(read.filter());
    SubscriberState subscriber = filter == null ? null : filter.subscribers.get(read.clientId());
    if (filter == null
        || subscriber == null
        || filter.queue == null
        || filter.queue.id != page.queueId()
        || !filter.queue.isLoaded()) {
      later.add(read);
      return;
    }
    DurableQueue queue = filter.queue;
    long from = start(queue, subscriber, Math.max(1, read.fromOffset()));
    long stop =
        subscriber.skipped == null ? queue.end() : subscriber.skipped.nextFrom(from, queue.end());
    long next = Math.max(from, Math.min(stop, page.nextOffset()));
    long now = scope.nowMillis();
    List<QueuedMessage> messages = new ArrayList<>();
    int bytes = 0;
    long expired = 0;
    long aged = 0;
    long notBefore = notBefore(limits(subscriber), now);
    for (QueuedMessage message : page.messages()) {
      if (message.offset() < from) {
        continue;
      }
      if (message.offset() >= stop
          || messages.size() >= Math.max(1, read.messagesMax())
          || (bytes > 0 && bytes >= read.bytesMax())) {
        next = Math.min(next, message.offset());
        break;
      }
      if (message.message().isExpired(now)) {
        expired++;
      } else if (message.message().receivedAtMillis() < notBefore) {
        aged++;
      } else {
        messages.add(message);
        bytes += message.message().sizeBytes();
      }
    }
    scope.dropped(DropReason.EXPIRED, expired);
    scope.dropped(DropReason.QUEUE_AGED, aged);
    answer(read, filter, subscriber, messages, next);
  }

  /** What was received before this is too old, milliseconds since the epoch. */
  private static long notBefore(Limits limits, long now) {
    return limits.ageMax().equals(BrokerConfig.NEVER) ? 0 : now - limits.ageMax().toMillis();
  }

  private void answer(
      TopicPartitionActor.Read read,
      FilterState filter,
      SubscriberState subscriber,
      List<QueuedMessage> messages,
      long nextOffset) {
    DurableQueue queue = filter.queue;
    if (queue == null) {
      return;
    }
    long next = nextOffset;
    if (subscriber.skipped != null) {
      next = subscriber.skipped.skip(next, queue.end());
    }
    long begin = Math.max(read.fromOffset(), subscriber.cursor);
    long dropped = Math.max(0, Math.min(queue.floor(subscriber.cursorLimits), next) - begin);
    if (subscriber.skipped != null) {
      dropped += subscriber.skipped.count(begin, next);
    }
    boolean inStep =
        next >= queue.end()
            && subscriber.session != null
            && subscriber.session.equals(read.replyTo());
    if (inStep && subscriber.skipped != null && subscriber.skipped.isOpen()) {
      close(subscriber.skipped, queue.end());
    }
    filter.putInStep(subscriber, inStep);
    scope.sessions.tell(
        read.replyTo(),
        new ClientSessionActor.QueueBatch(
            read.filter(),
            read.fromOffset(),
            List.copyOf(messages),
            next,
            (int) Math.min(Integer.MAX_VALUE, dropped),
            inStep));
  }

  // Dropping the newest.

  private Limits limits(SubscriberState subscriber) {
    return subscriber.cursorLimits.in(scope.queues);
  }

  /** Finds out whether a subscriber has been full, with the cursor it has had until now. */
  void noteFull(DurableQueue queue, SubscriberState subscriber) {
    Limits limits = limits(subscriber);
    if (limits.whenFull() != WhenFull.DROP_NEWEST || subscriber.inStep || subscriber.cursor == 0) {
      return;
    }
    if (subscriber.skipped != null && subscriber.skipped.isOpen()) {
      return;
    }
    long fullAt = Math.max(queue.fullAt(subscriber.cursor, limits), subscriber.hadBelow);
    if (fullAt < queue.end()) {
      if (subscriber.skipped == null) {
        subscriber.skipped = new SkippedRanges();
      }
      subscriber.skipped.open(fullAt);
    }
  }

  private void close(SkippedRanges skipped, long end) {
    scope.dropped(DropReason.QUEUE_FULL, skipped.takeUncounted(end));
    skipped.close(end);
  }

  /** Counts what was dropped as the newest for subscribers who have not asked since. */
  void countNewest(FilterState filter, DurableQueue queue) {
    if (!queue.dropsNewest(scope.queues)) {
      return;
    }
    for (SubscriberState subscriber : filter.subscribers.values()) {
      noteFull(queue, subscriber);
      SkippedRanges skipped = subscriber.skipped;
      if (skipped != null && skipped.isOpen()) {
        scope.dropped(DropReason.QUEUE_FULL, skipped.takeUncounted(queue.end()));
      }
    }
  }

  /** Where messages begin that no subscriber has room for that is full; the end if none is. */
  long skippedFrom(FilterState filter, DurableQueue queue) {
    long from = 0;
    if (queue.dropsNewest(scope.queues)) {
      for (SubscriberState subscriber : filter.subscribers.values()) {
        if (isFull(subscriber)) {
          from = Math.max(from, Objects.requireNonNull(subscriber.skipped).openFrom());
        }
      }
    }
    return from == 0 ? queue.end() : from;
  }

  /**
   * Where messages begin that a subscriber needs that is not full. Without one it is the last
   * message, which tells the store where the queue ends.
   */
  static long neededFrom(FilterState filter, DurableQueue queue) {
    long needed = queue.end() - 1;
    for (SubscriberState subscriber : filter.subscribers.values()) {
      if (subscriber.cursor != 0 && !isFull(subscriber)) {
        needed = Math.min(needed, queue.effectiveCursor(subscriber));
      }
    }
    return needed;
  }

  private static boolean isFull(SubscriberState subscriber) {
    return subscriber.cursor != 0 && subscriber.skipped != null && subscriber.skipped.isOpen();
  }

  /** After a subscriber's cursor has moved: it may have room again. */
  void noteRoom(DurableQueue queue, SubscriberState subscriber) {
    SkippedRanges skipped = subscriber.skipped;
    if (skipped == null) {
      return;
    }
    if (skipped.isOpen()) {
      long waiting = skipped.openFrom() - subscriber.cursor;
      if (waiting <= limits(subscriber).messagesMax() / 2) {
        close(skipped, queue.end());
      }
    }
    skipped.forgetBelow(subscriber.cursor);
    if (skipped.isEmpty()) {
      subscriber.skipped = null;
    }
  }

  // Pages.

  /** Hands over a page that contains an offset of a loaded queue, now or later; null: it failed. */
  void page(DurableQueue queue, long from, Consumer<PageCache.@Nullable Page> consumer) {
    PageCache.Page page = pages.find(queue.id, from);
    if (page != null) {
      consumer.accept(page);
      return;
    }
    Key key = new Key(queue.id, from);
    List<Waiter> waiters = reading.get(key);
    if (waiters != null) {
      waiters.add(consumer::accept);
      return;
    }
    waiters = new ArrayList<>(1);
    waiters.add(consumer::accept);
    reading.put(key, waiters);
    long end = queue.end();
    scope.pipe.pipe(
        scope.log.read(queue.id, from, scope.queues.pageMessages(), scope.queues.pageBytes()),
        (entries, problem) -> new TopicPartitionActor.PageRead(queue, from, end, entries, problem));
  }

  void onPageRead(TopicPartitionActor.PageRead read) {
    List<Waiter> waiters = reading.remove(new Key(read.queue().id, read.from()));
    if (waiters == null) {
      return;
    }
    List<QueueLog.Entry> entries = read.entries();
    PageCache.Page page = null;
    if (entries != null) {
      page = decode(read.queue(), read.from(), read.end(), entries);
      if (waiters.size() > 1 || read.queue().hasCursors()) {
        pages.put(page);
      }
    }
    for (Waiter waiter : waiters) {
      waiter.accept(page);
    }
  }

  private static PageCache.Page decode(
      DurableQueue queue, long from, long end, List<QueueLog.Entry> entries) {
    List<QueuedMessage> messages = new ArrayList<>(entries.size());
    long bytes = 0;
    for (QueueLog.Entry entry : entries) {
      messages.add(
          new QueuedMessage(entry.offset(), MessageCodec.fromBytes(entry.bytes().array())));
      bytes += entry.bytes().length() + 128L;
    }
    // Nothing found: what was there has been deleted meanwhile.
    long next = end;
    if (!entries.isEmpty()) {
      QueueLog.Entry last = entries.get(entries.size() - 1);
      queue.observe(last.offset(), last.cumulativeBytes());
      next = last.offset() + 1;
    }
    return new PageCache.Page(queue.id, from, List.copyOf(messages), next, bytes);
  }

  /** Messages just stored are likely to be asked for by those that are a little behind. */
  void keep(DurableQueue queue, List<QueuedMessage> stored, long bytes) {
    long from = stored.get(0).offset();
    pages.put(new PageCache.Page(queue.id, from, stored, from + stored.size(), bytes));
  }

  void forget(DurableQueue queue) {
    pages.forget(queue.id);
  }

  /** Tries again what could not be read; of those whose queue is loaded now, or all. */
  void retry() {
    if (!later.isEmpty()) {
      List<TopicPartitionActor.Read> reads = later;
      later = new ArrayList<>();
      reads.forEach(this::onRead);
    }
  }
}
