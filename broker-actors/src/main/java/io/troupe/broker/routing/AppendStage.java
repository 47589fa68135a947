package io.troupe.broker.routing;

import io.troupe.broker.connection.IngressActor;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.routing.TopicPartitionActor.Append;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stores messages: one batch is under way at the store while the next gathers. What is stored is
 * acknowledged, then pushed to subscribers in step.
 *
 * <p>When the store fails, all that was under way or waiting fails, so that nothing later is stored
 * before it is sent again; what the queues hold is then asked of the store, since it may have
 * stored all the same.
 */
final class AppendStage {
  private static final int BATCH_MESSAGES_MAX = 5_000;
  private static final long BATCH_BYTES_MAX = 4L << 20;

  /** A backstop: publishers' nodes send no more than {@code routing.waiting-bytes-max} each. */
  private static final long WAITING_BYTES_MAX = 256L << 20;

  /** Pages of fewer messages would be read one by one. */
  private static final int KEEP_MESSAGES_MIN = 8;

  private static final Executor RETRY =
      CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);

  private final PartitionScope scope;
  private final QueueLoads loads;
  private final ReadStage reads;
  private final SharedStage shared;
  private final PublisherSequences sequences;
  private final Set<String> sequencesAsked = new HashSet<>();
  private final Deque<Append> waiting = new ArrayDeque<>();
  private long waitingBytes;

  /** Taken from those waiting, but something must be known first. */
  private List<Append> preparing = List.of();

  private @Nullable AppendBatch underWay;
  private long batches;

  AppendStage(PartitionScope scope, QueueLoads loads, ReadStage reads, SharedStage shared) {
    this.scope = scope;
    this.loads = loads;
    this.reads = reads;
    this.shared = shared;
    this.sequences = new PublisherSequences(scope.state.partition);
  }

  void onAppend(Append append) {
    if (waitingBytes > WAITING_BYTES_MAX) {
      fail(append, "more waits to be stored than the partition takes");
      return;
    }
    waiting.addLast(append);
    waitingBytes += bytes(append);
    proceed();
  }

  private static long bytes(Append append) {
    long bytes = 0;
    for (AppendEntry entry : append.entries()) {
      bytes += entry.message().sizeBytes();
    }
    return bytes;
  }

  /** Goes on as far as possible. */
  void proceed() {
    while (underWay == null) {
      if (preparing.isEmpty()) {
        preparing = takeWaiting();
        if (preparing.isEmpty()) {
          return;
        }
      }
      Map<String, List<FilterState>> matches = new HashMap<>();
      if (!isPrepared(matches)) {
        return;
      }
      AppendBatch batch = new AppendBatch(preparing);
      preparing = List.of();
      for (int i = 0; i < batch.appends.size(); i++) {
        build(batch, i, matches);
      }
      underWay = batch;
      if (batch.hasNothingToStore()) {
        stored(batch);
      } else {
        batches++;
        store(batch);
      }
    }
  }

  private void store(AppendBatch batch) {
    long number = batches;
    scope.pipe.pipe(
        scope.log.append(batch.entries, batch.dedup, batch.forget),
        (done, problem) -> new TopicPartitionActor.AppendDone(number, problem));
  }

  /** The store had too much to do. */
  void onAppendAgain(TopicPartitionActor.AppendAgain again) {
    if (underWay != null && again.number() == batches) {
      store(underWay);
    }
  }

  private List<Append> takeWaiting() {
    List<Append> taken = new ArrayList<>();
    int messages = 0;
    long bytes = 0;
    while (!waiting.isEmpty() && messages < BATCH_MESSAGES_MAX && bytes < BATCH_BYTES_MAX) {
      Append append = waiting.removeFirst();
      long size = bytes(append);
      waitingBytes -= size;
      messages += append.entries().size();
      bytes += size;
      taken.add(append);
    }
    return taken;
  }

  /** Whether all queues and publishers concerned are loaded; asks for those that are not. */
  private boolean isPrepared(Map<String, List<FilterState>> matches) {
    boolean prepared = true;
    for (Append append : preparing) {
      for (AppendEntry entry : append.entries()) {
        for (FilterState filter : match(entry.message().topic(), matches)) {
          prepared &= loads.loaded(filter);
        }
        if (entry.sequence() != 0) {
          String publisher = entry.message().publisher();
          boolean complete = sequences.isComplete(publisher);
          if (!complete && (entry.retry() || !sequences.isKnown(publisher))) {
            askSequences(publisher);
          }
          prepared &= complete || !entry.retry();
        }
      }
    }
    return prepared;
  }

  private List<FilterState> match(String topic, Map<String, List<FilterState>> matches) {
    List<FilterState> found = matches.get(topic);
    if (found == null) {
      List<FilterState> queued = new ArrayList<>(2);
      scope.state.filters.match(
          topic,
          filter -> {
            if (filter.hasQueue()) {
              queued.add(filter);
            }
          });
      found = queued;
      matches.put(topic, found);
    }
    return found;
  }

  private void askSequences(String publisher) {
    if (sequencesAsked.add(publisher)) {
      scope.pipe.pipe(
          scope.log.openSequences(scope.state.partition, publisher),
          (open, problem) -> new TopicPartitionActor.SequencesRead(publisher, open, problem));
    }
  }

  void onSequences(TopicPartitionActor.SequencesRead read) {
    sequencesAsked.remove(read.publisher());
    if (read.open() != null) {
      sequences.loaded(read.publisher(), read.open());
    } else if (read.problem() == null || !PartitionScope.isOverload(read.problem())) {
      failPreparing("the store cannot be read");
    } else {
      return; // Asked again with the next tick.
    }
    proceed();
  }

  private void build(AppendBatch batch, int index, Map<String, List<FilterState>> matches) {
    List<AppendEntry> entries = batch.appends.get(index).entries();
    for (int i = 0; i < entries.size(); i++) {
      AppendEntry entry = entries.get(i);
      Message message = entry.message();
      String publisher = message.publisher();
      if (entry.forgetBelow() > 0) {
        List<io.troupe.broker.store.QueueLog.DedupKey> settled =
            sequences.settled(publisher, entry.forgetBelow());
        if (!settled.isEmpty()) {
          batch.forget.addAll(settled);
          batch.publishers.add(publisher);
        }
      }
      // Not only of a repetition: that may have come before the first copy, when a client has taken
      // over its connection and the two are on different threads.
      if (entry.sequence() != 0 && sequences.contains(publisher, entry.sequence())) {
        continue;
      }
      List<FilterState> filters = match(message.topic(), matches);
      DropReason refusal = refusal(filters, message.sizeBytes());
      if (refusal != null) {
        batch.refuse(index, i, ReasonCode.QUOTA_EXCEEDED);
        scope.dropped(refusal, 1);
        continue;
      }
      if (filters.isEmpty()) {
        continue;
      }
      batch.add(message, filters);
      if (entry.sequence() != 0) {
        batch.dedup.add(
            new io.troupe.broker.store.QueueLog.DedupKey(
                scope.state.partition, publisher, entry.sequence()));
        batch.publishers.add(publisher);
        sequences.add(publisher, entry.sequence());
      }
    }
  }

  /** Why a message must be refused, by all queues that match: a publisher cannot be told more. */
  private @Nullable DropReason refusal(List<FilterState> filters, int size) {
    if (!filters.isEmpty() && scope.nodeBytes.isFull()) {
      return DropReason.NODE_QUEUES_FULL;
    }
    for (FilterState filter : filters) {
      if (filter.queue != null && filter.queue.refuses(size, scope.queues)) {
        return DropReason.QUEUE_REFUSED;
      }
    }
    return null;
  }

  void onAppendDone(TopicPartitionActor.AppendDone done) {
    AppendBatch batch = underWay;
    if (batch == null || done.number() != batches) {
      return;
    }
    if (done.problem() == null) {
      stored(batch);
    } else if (PartitionScope.isOverload(done.problem())) {
      // Nothing was stored: the same again a little later; meanwhile publishers wait.
      scope.pipe.pipe(
          CompletableFuture.supplyAsync(() -> done.number(), RETRY),
          (number, problem) -> new TopicPartitionActor.AppendAgain(done.number()));
      return;
    } else {
      failed(batch, done.problem());
    }
    proceed();
  }

  private void stored(AppendBatch batch) {
    underWay = null;
    for (AppendBatch.Addition addition : batch.additions.values()) {
      List<QueuedMessage> messages = addition.messages;
      scope.nodeBytes.add(scope.state.partition, addition.bytes);
      addition.queue.stored(messages.get(messages.size() - 1).message().receivedAtMillis());
    }
    for (int i = 0; i < batch.appends.size(); i++) {
      Append append = batch.appends.get(i);
      append
          .replyTo()
          .tell(
              new IngressActor.Appended(
                  append.batchId(), scope.state.partition, batch.results.get(i)));
    }
    batch.additions.values().forEach(this::deliver);
  }

  private void deliver(AppendBatch.Addition addition) {
    FilterState filter = addition.filter;
    DurableQueue queue = addition.queue;
    if (filter.queue != queue) {
      return;
    }
    List<QueuedMessage> messages = List.copyOf(addition.messages);
    long from = messages.get(0).offset();
    if (!filter.inStep.isEmpty()) {
      ClientSessionActor.QueueBatch push =
          new ClientSessionActor.QueueBatch(filter.text(), from, messages, queue.end(), 0, true);
      for (SubscriberState subscriber : filter.inStep) {
        if (subscriber.session != null) {
          scope.sessions.tell(subscriber.session, push);
        }
      }
      if (messages.size() >= KEEP_MESSAGES_MIN
          && filter.subscribers.size() > filter.inStep.size()) {
        reads.keep(queue, messages, addition.bytes);
      }
    }
    scope.dropped(DropReason.QUEUE_FULL, queue.dropOldest(scope.queues));
    SharedGroup group = filter.group;
    if (group != null) {
      filter.skipGroupTo(queue.floor(FilterState.GROUP));
      group.offerStored(messages, queue.end());
      shared.dispatch(filter);
    }
  }

  private void failed(AppendBatch batch, Throwable problem) {
    underWay = null;
    batch.publishers.forEach(sequences::forget);
    for (AppendBatch.Addition addition : batch.additions.values()) {
      addition.queue.unload();
      reads.forget(addition.queue);
      if (addition.filter.queue == addition.queue) {
        loads.loaded(addition.filter);
      }
    }
    String reason = String.valueOf(problem.getMessage());
    batch.appends.forEach(append -> fail(append, reason));
    failPreparing(reason);
  }

  /** A queue could not be loaded. */
  void failPreparing(String reason) {
    preparing.forEach(append -> fail(append, reason));
    preparing = List.of();
    waiting.forEach(append -> fail(append, reason));
    waiting.clear();
    waitingBytes = 0;
  }

  /** The actor stops: nobody else will answer. */
  void failAll(String reason) {
    AppendBatch batch = underWay;
    underWay = null;
    if (batch != null) {
      batch.appends.forEach(append -> fail(append, reason));
    }
    failPreparing(reason);
  }

  boolean isPreparing() {
    return !preparing.isEmpty();
  }

  private void fail(Append append, String reason) {
    scope.dropped(DropReason.STORE_FAILED, append.entries().size());
    append
        .replyTo()
        .tell(new IngressActor.AppendFailed(append.batchId(), scope.state.partition, reason));
  }
}
