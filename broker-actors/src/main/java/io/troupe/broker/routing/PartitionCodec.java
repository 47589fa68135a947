package io.troupe.broker.routing;

import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.config.ClientType;
import io.troupe.broker.routing.PartitionEvent.CursorsMoved;
import io.troupe.broker.routing.PartitionEvent.QueueClosed;
import io.troupe.broker.routing.PartitionEvent.QueueOpened;
import io.troupe.broker.routing.PartitionEvent.SharedAssigned;
import io.troupe.broker.routing.PartitionEvent.SharedProgressed;
import io.troupe.broker.routing.PartitionEvent.SharedSending;
import io.troupe.broker.routing.PartitionEvent.SubscriberForgotten;
import io.troupe.broker.routing.PartitionEvent.SubscriberStored;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Events and snapshots of partitions as bytes, version 1. Each begins with a byte of version; a
 * later version is refused.
 */
final class PartitionCodec {
  private static final int VERSION = 1;
  private static final int STORED = 1;
  private static final int FORGOTTEN = 2;
  private static final int OPENED = 3;
  private static final int CLOSED = 4;
  private static final int CURSORS = 5;
  private static final int ASSIGNED = 6;
  private static final int PROGRESSED = 7;
  private static final int SENDING = 8;

  private static final int NO_GROUP = 0;

  /** A group without the mark of what was sent: all may have been. */
  private static final int UNMARKED_GROUP = 1;

  private static final int GROUP = 2;

  private static final int NO_LOCAL = 4;
  private static final int RETAIN_AS_PUBLISHED = 8;
  private static final int APPLICATION = 16;

  /** Limits of its own follow. */
  private static final int OWN_LIMITS = 128;

  private PartitionCodec() {}

  private static void version(ByteReader in) {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IllegalArgumentException("partition data of version " + version);
    }
  }

  // Events.

  static byte[] toBytes(PartitionEvent event) {
    ByteWriter out = new ByteWriter(64).writeByte(VERSION);
    if (event instanceof SubscriberStored stored) {
      out.writeByte(STORED).writeText(stored.clientId());
      writeSubscription(stored.subscription(), stored.limits(), stored.credit(), out);
      out.writeNumber(stored.fromOffset());
    } else if (event instanceof SubscriberForgotten forgotten) {
      out.writeByte(FORGOTTEN).writeText(forgotten.filter()).writeText(forgotten.clientId());
    } else if (event instanceof QueueOpened opened) {
      out.writeByte(OPENED).writeText(opened.filter()).writeNumber(opened.queueId());
    } else if (event instanceof QueueClosed closed) {
      out.writeByte(CLOSED).writeText(closed.filter()).writeNumber(closed.queueId());
    } else if (event instanceof CursorsMoved moved) {
      out.writeByte(CURSORS).writeNumber(moved.cursors().size());
      for (CursorsMoved.Cursor cursor : moved.cursors()) {
        out.writeText(cursor.filter()).writeText(cursor.clientId()).writeNumber(cursor.below());
      }
    } else if (event instanceof SharedAssigned assigned) {
      out.writeByte(ASSIGNED).writeText(assigned.filter()).writeText(assigned.clientId());
      writeOffsets(assigned.offsets(), out);
    } else if (event instanceof SharedProgressed progressed) {
      out.writeByte(PROGRESSED).writeText(progressed.filter()).writeNumber(progressed.below());
      writeOffsets(progressed.settled(), out);
    } else if (event instanceof SharedSending sending) {
      out.writeByte(SENDING).writeText(sending.filter()).writeNumber(sending.below());
    } else {
      throw new AssertionError(event);
    }
    return out.toByteArray();
  }

  static PartitionEvent fromBytes(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    version(in);
    int kind = in.readByte();
    return switch (kind) {
      case STORED -> {
        String clientId = in.readText();
        Stored stored = readSubscription(in);
        yield new SubscriberStored(
            clientId, stored.subscription(), stored.limits(), stored.credit(), in.readNumber());
      }
      case FORGOTTEN -> new SubscriberForgotten(in.readText(), in.readText());
      case OPENED -> new QueueOpened(in.readText(), in.readInt());
      case CLOSED -> new QueueClosed(in.readText(), in.readInt());
      case CURSORS -> {
        int count = in.readCount(3);
        List<CursorsMoved.Cursor> cursors = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
          cursors.add(new CursorsMoved.Cursor(in.readText(), in.readText(), in.readNumber()));
        }
        yield new CursorsMoved(List.copyOf(cursors));
      }
      case ASSIGNED -> new SharedAssigned(in.readText(), in.readText(), readOffsets(in));
      case PROGRESSED -> new SharedProgressed(in.readText(), in.readNumber(), readOffsets(in));
      case SENDING -> new SharedSending(in.readText(), in.readNumber());
      default -> throw new IllegalArgumentException("partition event of kind " + kind);
    };
  }

  private record Stored(Subscription subscription, ClientLimits limits, int credit) {}

  static void writeSubscription(
      Subscription subscription, ClientLimits limits, int credit, ByteWriter out) {
    boolean own = !limits.equals(ClientLimits.DEVICE) && !limits.equals(ClientLimits.APPLICATION);
    out.writeText(subscription.filter().text())
        .writeByte(
            subscription.qos().level()
                | (subscription.noLocal() ? NO_LOCAL : 0)
                | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                | (limits.type() == ClientType.APPLICATION ? APPLICATION : 0)
                | (subscription.retainHandling() << 5)
                | (own ? OWN_LIMITS : 0))
        .writeNumber(subscription.subscriptionId())
        .writeNumber(credit);
    if (own) {
      out.writeText(limits.text());
    }
  }

  private static Stored readSubscription(ByteReader in) {
    TopicFilter filter = TopicFilter.of(in.readText());
    int flags = in.readByte();
    Subscription subscription =
        new Subscription(
            filter,
            Qos.of(flags & 3),
            (flags & NO_LOCAL) != 0,
            (flags & RETAIN_AS_PUBLISHED) != 0,
            (flags >> 5) & 3,
            in.readInt());
    int credit = in.readInt();
    ClientLimits limits =
        (flags & APPLICATION) != 0 ? ClientLimits.APPLICATION : ClientLimits.DEVICE;
    if ((flags & OWN_LIMITS) != 0) {
      limits = ClientLimits.parse(in.readText());
    }
    return new Stored(subscription, limits, credit);
  }

  private static void writeOffsets(List<Long> offsets, ByteWriter out) {
    out.writeNumber(offsets.size());
    offsets.forEach(out::writeNumber);
  }

  private static List<Long> readOffsets(ByteReader in) {
    int count = in.readCount(1);
    List<Long> offsets = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      offsets.add(in.readNumber());
    }
    return List.copyOf(offsets);
  }

  // Snapshots.

  static PartitionSnapshot snapshot(PartitionState state) {
    ByteWriter out = new ByteWriter(1024).writeByte(VERSION).writeNumber(state.nextQueueId);
    out.writeNumber(state.closedQueues.size());
    state.closedQueues.forEach(out::writeNumber);
    List<FilterState> filters =
        state.filters.all().stream().filter(PartitionCodec::isDurable).toList();
    out.writeNumber(filters.size());
    for (FilterState filter : filters) {
      out.writeText(filter.text()).writeNumber(filter.queueId);
      List<SubscriberState> durable =
          filter.subscribers.values().stream().filter(each -> each.durable).toList();
      out.writeNumber(durable.size());
      for (SubscriberState subscriber : durable) {
        out.writeText(subscriber.clientId);
        writeSubscription(subscriber.subscription, subscriber.limits, subscriber.credit, out);
        out.writeNumber(subscriber.cursor);
      }
      writeGroup(filter.group, out);
    }
    return new PartitionSnapshot(Payload.wrap(out.toByteArray()));
  }

  private static boolean isDurable(FilterState filter) {
    return filter.hasQueue() || filter.subscribers.values().stream().anyMatch(s -> s.durable);
  }

  private static void writeGroup(
      @org.jspecify.annotations.Nullable SharedGroup group, ByteWriter out) {
    if (group == null) {
      out.writeByte(NO_GROUP);
      return;
    }
    out.writeByte(GROUP).writeNumber(group.sent().storedBelow()).writeNumber(group.below());
    writeOffsets(group.settledAbove(), out);
    out.writeNumber(group.assignedForGood().size());
    for (Map.Entry<Long, String> entry : group.assignedForGood().entrySet()) {
      out.writeNumber(entry.getKey()).writeText(entry.getValue());
    }
  }

  static PartitionState restore(PartitionSnapshot snapshot, int partition) {
    ByteReader in = new ByteReader(snapshot.bytes().array());
    version(in);
    PartitionState state = new PartitionState(partition);
    int nextQueueId = in.readInt();
    int closed = in.readCount(1);
    IntStream.range(0, closed).forEach(i -> state.closedQueues.addLast(in.readInt()));
    int filters = in.readCount(4);
    for (int i = 0; i < filters; i++) {
      readFilter(in, state);
    }
    state.nextQueueId = nextQueueId;
    return state;
  }

  private static void readFilter(ByteReader in, PartitionState state) {
    String text = in.readText();
    int queueId = in.readInt();
    if (queueId != 0) {
      new QueueOpened(text, queueId).applyTo(state);
    }
    int subscribers = in.readCount(4);
    for (int i = 0; i < subscribers; i++) {
      String clientId = in.readText();
      Stored stored = readSubscription(in);
      new SubscriberStored(
              clientId, stored.subscription(), stored.limits(), stored.credit(), in.readNumber())
          .applyTo(state);
    }
    int kind = in.readByte();
    if (kind == NO_GROUP) {
      return;
    }
    long sentBelow = kind == UNMARKED_GROUP ? Long.MAX_VALUE : in.readNumber();
    new SharedSending(text, sentBelow).applyTo(state);
    new SharedProgressed(text, in.readNumber(), readOffsets(in)).applyTo(state);
    int kept = in.readCount(2);
    for (int i = 0; i < kept; i++) {
      long offset = in.readNumber();
      new SharedAssigned(text, in.readText(), List.of(offset)).applyTo(state);
    }
  }
}
