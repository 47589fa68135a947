package io.troupe.broker.routing;

import io.troupe.broker.serialization.MessageCodec;
import io.troupe.broker.store.QueueLog;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.QueuedMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is stored together: the messages of several publishers, with their places in the queues. */
final class AppendBatch {
  /** What one queue gets. */
  static final class Addition {
    final FilterState filter;
    final DurableQueue queue;
    final List<QueuedMessage> messages = new ArrayList<>();
    long bytes;

    Addition(FilterState filter, DurableQueue queue) {
      this.filter = filter;
      this.queue = queue;
    }
  }

  final List<TopicPartitionActor.Append> appends;
  final Map<DurableQueue, Addition> additions = new LinkedHashMap<>();
  final List<QueueLog.Entry> entries = new ArrayList<>();
  final List<QueueLog.DedupKey> dedup = new ArrayList<>();
  final List<QueueLog.DedupKey> forget = new ArrayList<>();
  final Set<String> publishers = new HashSet<>();

  /** Per append: empty while all its messages are accepted. */
  final List<List<ReasonCode>> results = new ArrayList<>();

  AppendBatch(List<TopicPartitionActor.Append> appends) {
    this.appends = appends;
    appends.forEach(append -> results.add(List.of()));
  }

  boolean hasNothingToStore() {
    return entries.isEmpty() && dedup.isEmpty() && forget.isEmpty();
  }

  void add(Message message, List<FilterState> filters) {
    Payload bytes = Payload.wrap(MessageCodec.toBytes(message));
    for (FilterState filter : filters) {
      DurableQueue queue = filter.queue;
      if (queue == null) {
        continue;
      }
      int size = message.sizeBytes();
      long offset = queue.assign(size);
      Addition addition = additions.computeIfAbsent(queue, same -> new Addition(filter, same));
      addition.messages.add(new QueuedMessage(offset, message));
      addition.bytes += size;
      entries.add(new QueueLog.Entry(queue.id, offset, bytes, queue.assignedBytes()));
    }
  }

  void refuse(int append, int entry, ReasonCode reason) {
    List<ReasonCode> codes = results.get(append);
    if (codes.isEmpty()) {
      codes = new ArrayList<>();
      for (int i = 0; i < appends.get(append).entries().size(); i++) {
        codes.add(ReasonCode.SUCCESS);
      }
      results.set(append, codes);
    }
    codes.set(entry, reason);
  }
}
