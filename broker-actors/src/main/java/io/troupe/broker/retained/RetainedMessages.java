package io.troupe.broker.retained;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The retained messages of one partition: the last message of each topic (3.3.1.3), in {@link
 * TopicOrder}. Not thread-safe; owned by the partition's actor.
 *
 * <p>{@link #admit} decides what a store command changes, {@link #apply} changes it: so what is
 * replayed from the journal needs no decision. Expired messages are never found, even before {@link
 * #expire} takes them out; that writes no event, as the clock says the same after a restart.
 */
final class RetainedMessages {
  private static final int EXPIRIES_SLACK = 1_000;

  private final TreeMap<String, Message> byTopic = new TreeMap<>(TopicOrder.INSTANCE);
  private final PriorityQueue<Expiry> expiries =
      new PriorityQueue<>(Comparator.comparingLong(Expiry::atMillis));
  private int expiring;
  private long bytes;
  private long changedBytes;

  /** An entry is stale once its topic has another message. */
  private record Expiry(long atMillis, Message message) {}

  /**
   * What a store command comes to.
   *
   * @param change what to write and apply
   * @param results per message: SUCCESS or QUOTA_EXCEEDED
   * @param refused how many messages were beyond a limit, whether or not their publishers are told
   */
  record Admission(RetainedEvent.Changed change, List<ReasonCode> results, int refused) {
    static final Admission NOTHING =
        new Admission(new RetainedEvent.Changed(List.of(), List.of()), List.of(), 0);
  }

  /**
   * A page of matching messages, in {@link TopicOrder}.
   *
   * @param last the topic looked at last: the next page begins after it
   * @param more false if nothing after that can match
   */
  record Page(List<Message> messages, String last, boolean more) {}

  /** How many messages there are, with those expired but not yet taken out. */
  int count() {
    return byTopic.size();
  }

  /** Their size for the limit, in bytes. */
  long bytes() {
    return bytes;
  }

  /** Bytes of all changes since the last {@link #snapshot} or {@link #restore}. */
  long changedBytes() {
    return changedBytes;
  }

  /**
   * Decides which messages replace, and which delete because they are empty (MQTT-3.3.1-6). The
   * last of a topic wins (MQTT-3.3.1-5). A message beyond a limit is refused and the one before it
   * stays, unless its publisher learns of no refusal: then the old one goes, so that nobody takes
   * it for the last (MQTT-3.3.1-7 of 3.1.1).
   *
   * @param told whether the publisher of the message at this place is told of a refusal; at QoS 0
   *     it never is
   */
  Admission admit(List<Message> wanted, IntPredicate told, RetainedLimits limits) {
    Map<String, Message> changes = new LinkedHashMap<>();
    List<ReasonCode> results = new ArrayList<>(wanted.size());
    long countAfter = count();
    long bytesAfter = bytes;
    int refusals = 0;
    for (Message message : wanted) {
      Message before = current(message.topic(), changes);
      long sizeBefore = before == null ? 0 : before.sizeBytes();
      boolean refused =
          !message.payload().isEmpty()
              && ((before == null && countAfter + 1 > limits.messagesMax())
                  || (message.sizeBytes() > sizeBefore
                      && bytesAfter - sizeBefore + message.sizeBytes() > limits.bytesMax()));
      boolean learns = message.qos() != Qos.AT_MOST_ONCE && told.test(results.size());
      results.add(refused && learns ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.SUCCESS);
      refusals += refused ? 1 : 0;
      if (message.payload().isEmpty() || (refused && !learns)) {
        if (before != null) {
          changes.put(message.topic(), emptied(message));
          countAfter--;
          bytesAfter -= sizeBefore;
        }
      } else if (!refused) {
        changes.put(message.topic(), message);
        countAfter += before == null ? 1 : 0;
        bytesAfter += message.sizeBytes() - sizeBefore;
      }
    }
    return new Admission(changed(changes), results, refusals);
  }

  private @Nullable Message current(String topic, Map<String, Message> changes) {
    Message changed = changes.get(topic);
    if (changed == null) {
      return byTopic.get(topic);
    }
    return changed.payload().isEmpty() ? null : changed;
  }

  private static Message emptied(Message message) {
    return new Message(
        message.topic(),
        Payload.EMPTY,
        message.qos(),
        message.retain(),
        message.properties(),
        message.publisher(),
        message.receivedAtMillis());
  }

  private static RetainedEvent.Changed changed(Map<String, Message> changes) {
    List<Message> stored = new ArrayList<>();
    List<String> deleted = new ArrayList<>();
    for (Message message : changes.values()) {
      if (message.payload().isEmpty()) {
        deleted.add(message.topic());
      } else {
        stored.add(message);
      }
    }
    return new RetainedEvent.Changed(stored, deleted);
  }

  void apply(RetainedEvent.Changed change) {
    for (Message message : change.stored()) {
      put(message);
      changedBytes += message.sizeBytes();
    }
    for (String topic : change.deleted()) {
      remove(byTopic.remove(topic));
      changedBytes += topic.length();
    }
  }

  /** Everything, for a snapshot; the changes count anew from here. */
  RetainedEvent.All snapshot() {
    changedBytes = 0;
    return new RetainedEvent.All(List.copyOf(byTopic.values()));
  }

  static RetainedMessages restore(RetainedEvent.All all) {
    RetainedMessages messages = new RetainedMessages();
    all.messages().forEach(messages::put);
    return messages;
  }

  private void put(Message message) {
    remove(byTopic.put(message.topic(), message));
    bytes += message.sizeBytes();
    if (message.properties().hasMessageExpiry()) {
      expiring++;
      expiries.add(new Expiry(expiryMillis(message), message));
      if (expiries.size() > 2 * expiring + EXPIRIES_SLACK) {
        expiries.removeIf(expiry -> !isCurrent(expiry.message));
      }
    }
  }

  private void remove(@Nullable Message message) {
    if (message != null) {
      bytes -= message.sizeBytes();
      expiring -= message.properties().hasMessageExpiry() ? 1 : 0;
    }
  }

  /** Whether it is this very message that its topic has: an equal one has an entry of its own. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isCurrent(Message message) {
    return byTopic.get(message.topic()) == message;
  }

  private static long expiryMillis(Message message) {
    return message.receivedAtMillis() + message.properties().messageExpirySeconds() * 1000;
  }

  /**
   * Takes out messages whose expiry interval has passed (MQTT-3.3.2-5).
   *
   * @return how many
   */
  int expire(long nowMillis) {
    int expired = 0;
    for (Expiry next = expiries.peek();
        next != null && next.atMillis <= nowMillis;
        next = expiries.peek()) {
      expiries.remove();
      if (isCurrent(next.message)) {
        remove(byTopic.remove(next.message.topic()));
        expired++;
      }
    }
    return expired;
  }

  /**
   * Finds the messages that match a filter and have not expired.
   *
   * @param after the last topic of the page before, or empty
   */
  Page find(String filter, String after, RetainedLimits limits, long nowMillis) {
    FilterScan scan = new FilterScan(filter);
    List<Message> found = new ArrayList<>();
    int foundBytes = 0;
    String last = after;
    Iterator<Message> next =
        after.isEmpty() ? from(scan.start()) : byTopic.tailMap(after, false).values().iterator();
    for (int examined = 0; next.hasNext(); examined++) {
      if (found.size() >= limits.pageMessages()
          || foundBytes >= limits.pageBytes()
          || examined >= limits.pageExamined()) {
        return new Page(found, last, true);
      }
      Message message = next.next();
      last = message.topic();
      if (!scan.matches(last)) {
        String seek = scan.seek();
        if (seek == null) {
          break;
        }
        next = from(seek);
      } else if (!message.isExpired(nowMillis)) {
        found.add(message);
        foundBytes += message.sizeBytes();
      }
    }
    return new Page(found, last, false);
  }

  private Iterator<Message> from(String topic) {
    return byTopic.tailMap(topic, true).values().iterator();
  }
}
