package io.troupe.broker.connection;

import akka.actor.typed.ActorRef;
import io.troupe.broker.retained.RetainedPartitionActor;
import io.troupe.broker.routing.TopicPartitionActor;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one event loop that must be stored: one batch per partition and turn, and who waits
 * for the answers. A batch without answer for {@code routing.append-timeout} fails: its publishers
 * are disconnected without acknowledgement.
 */
final class StoreBatches {
  /** With what follows it a batch must fit a frame between nodes. */
  private static final int BATCH_BYTES = 128 * 1024;

  /** Publishers that are told of a refusal, and those that are not, have batches of their own. */
  private record Retains(int partition, boolean told) {}

  private record Sent(List<Inbound> messages, long bytes, long deadlineNanos) {}

  private final ConnectionSurroundings surroundings;
  private final StoreLoad load;
  private final Map<Integer, List<Inbound>> appends = new HashMap<>();
  private final Map<Retains, List<Inbound>> retains = new HashMap<>();
  private final Map<Long, Sent> sent = new HashMap<>();
  private @Nullable ActorRef<IngressActor.Command> address;
  private long lastBatchId;

  StoreBatches(ConnectionSurroundings surroundings, StoreLoad load) {
    this.surroundings = surroundings;
    this.load = load;
  }

  void address(ActorRef<IngressActor.Command> address) {
    this.address = address;
  }

  void append(int partition, Inbound in) {
    opened(in);
    appends.computeIfAbsent(partition, p -> new ArrayList<>()).add(in);
  }

  void retain(int partition, Inbound in) {
    opened(in);
    boolean told = in.connection != null && in.connection.isV5();
    retains.computeIfAbsent(new Retains(partition, told), same -> new ArrayList<>()).add(in);
  }

  private void opened(Inbound in) {
    in.open++;
    load.add(in.message.sizeBytes());
  }

  /** The turn has ended. */
  void send() {
    ActorRef<IngressActor.Command> replyTo = address;
    if (replyTo == null || (appends.isEmpty() && retains.isEmpty())) {
      return;
    }
    appends.forEach((partition, all) -> inBatches(all, batch -> append(partition, batch, replyTo)));
    appends.clear();
    retains.forEach((to, all) -> inBatches(all, batch -> retain(to, batch, replyTo)));
    retains.clear();
  }

  private void append(int partition, List<Inbound> batch, ActorRef<IngressActor.Command> replyTo) {
    List<TopicPartitionActor.AppendEntry> entries = new ArrayList<>(batch.size());
    for (Inbound in : batch) {
      entries.add(
          new TopicPartitionActor.AppendEntry(in.message, in.sequence, in.settledBelow, in.retry));
    }
    surroundings
        .partitions()
        .append(partition, new TopicPartitionActor.Append(register(batch), entries, replyTo));
  }

  private void retain(Retains to, List<Inbound> batch, ActorRef<IngressActor.Command> replyTo) {
    List<Message> messages = new ArrayList<>(batch.size());
    for (Inbound in : batch) {
      messages.add(in.message);
    }
    surroundings.tellRetained(
        to.partition,
        new RetainedPartitionActor.Store(register(batch), messages, to.told, replyTo));
  }

  /** In order; each batch ends with the message that reaches {@value #BATCH_BYTES}. */
  private static void inBatches(List<Inbound> all, Consumer<List<Inbound>> each) {
    int from = 0;
    int bytes = 0;
    for (int i = 0; i < all.size(); i++) {
      bytes += all.get(i).message.sizeBytes();
      if (bytes >= BATCH_BYTES || i == all.size() - 1) {
        each.accept(all.subList(from, i + 1));
        from = i + 1;
        bytes = 0;
      }
    }
  }

  private long register(List<Inbound> batch) {
    long id = ++lastBatchId;
    long deadline = System.nanoTime() + surroundings.routing().appendTimeout().toNanos();
    long bytes = 0;
    for (Inbound in : batch) {
      bytes += in.message.sizeBytes();
    }
    sent.put(id, new Sent(batch, bytes, deadline));
    return id;
  }

  void onAnswer(IngressActor.Command answer, Consumer<Inbound> complete) {
    if (answer instanceof IngressActor.Appended a) {
      answered(a.batchId(), a.results(), false, complete);
    } else if (answer instanceof IngressActor.RetainedStored r) {
      answered(r.batchId(), r.results(), false, complete);
    } else if (answer instanceof IngressActor.AppendFailed f) {
      answered(f.batchId(), List.of(), true, complete);
    } else if (answer instanceof IngressActor.RetainFailed f) {
      answered(f.batchId(), List.of(), true, complete);
    } else {
      throw new AssertionError(answer);
    }
  }

  private void answered(
      long batchId, List<ReasonCode> results, boolean failed, Consumer<Inbound> complete) {
    Sent batch = sent.remove(batchId);
    if (batch == null) {
      return;
    }
    load.answered(batch.bytes);
    for (int i = 0; i < batch.messages.size(); i++) {
      Inbound in = batch.messages.get(i);
      in.failed |= failed;
      if (!results.isEmpty() && results.get(i).isError()) {
        in.result = results.get(i);
      }
      if (--in.open == 0) {
        complete.accept(in);
      }
    }
  }

  /** Fails what has waited too long. */
  void expire(Consumer<Inbound> complete) {
    if (sent.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    List<Long> overdue = new ArrayList<>();
    sent.forEach(
        (id, batch) -> {
          if (now - batch.deadlineNanos > 0) {
            overdue.add(id);
          }
        });
    overdue.forEach(id -> answered(id, List.of(), true, complete));
  }
}
