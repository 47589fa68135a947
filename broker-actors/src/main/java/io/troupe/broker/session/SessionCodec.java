package io.troupe.broker.session;

import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageCodec;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.Will;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Session events as bytes, version 1: a kind byte, then the fields in order. Kinds and fields are
 * promises to stored data: a new kind gets a new number, a new field goes to the end and is read
 * only if bytes remain.
 */
final class SessionCodec {
  private static final int ATTACHED = 1;
  private static final int DETACHED = 2;
  private static final int WILL_SETTLED = 3;
  private static final int ENDED = 4;
  private static final int SUBSCRIBED = 5;
  private static final int UNSUBSCRIBED = 6;
  private static final int INBOUND_OPENED = 7;
  private static final int INBOUND_CLOSED = 8;
  private static final int ASSIGNED = 9;
  private static final int RELEASED = 10;
  private static final int COMPLETED = 11;
  private static final int CURSOR_MOVED = 12;
  private static final int RESTORED = 13;
  private static final int CURSOR_RESTORED = 14;
  private static final int INBOUND_RESTORED = 15;
  private static final int WILL_STARTED = 16;
  private static final int UNSUBSCRIBING = 17;
  private static final int DRAINED = 18;
  private static final int DRAINING = 19;
  private static final int QUEUE_LEFT = 20;
  private static final int PERIODS_OVER = 21;

  private SessionCodec() {}

  static byte[] toBytes(SessionEvent event) {
    ByteWriter out = new ByteWriter(64);
    write(event, out);
    return out.toByteArray();
  }

  static SessionEvent fromBytes(byte[] bytes) {
    return read(new ByteReader(bytes));
  }

  private static void write(SessionEvent event, ByteWriter out) {
    if (event instanceof SessionEvent.Attached e) {
      out.writeByte(ATTACHED).writeByte(e.fresh() ? 1 : 0).writeNumber(e.expirySeconds());
      out.writeText(e.connectedTo()).writeNumber(e.connectionId());
      writeWill(e.will(), out);
      out.writeLong(e.atMillis());
      writeOptional(e.username(), out);
    } else if (event instanceof SessionEvent.Detached e) {
      out.writeByte(DETACHED).writeNumber(e.expirySeconds());
      out.writeLong(e.atMillis()).writeLong(e.willDueAtMillis());
    } else if (event instanceof SessionEvent.WillStarted) {
      out.writeByte(WILL_STARTED);
    } else if (event instanceof SessionEvent.WillSettled) {
      out.writeByte(WILL_SETTLED);
    } else if (event instanceof SessionEvent.Ended) {
      out.writeByte(ENDED);
    } else if (event instanceof SessionEvent.Subscribed e) {
      out.writeByte(SUBSCRIBED);
      writeSubscription(e.subscription(), out);
      out.writeNumber(e.fromOffset()).writeLong(e.atMillis());
    } else if (event instanceof SessionEvent.Unsubscribed e) {
      out.writeByte(UNSUBSCRIBED).writeText(e.filter());
    } else if (event instanceof SessionEvent.Unsubscribing e) {
      out.writeByte(UNSUBSCRIBING).writeText(e.filter()).writeLong(e.atMillis());
    } else if (event instanceof SessionEvent.Drained e) {
      out.writeByte(DRAINED).writeText(e.filter());
    } else if (event instanceof SessionEvent.PeriodsOver e) {
      out.writeByte(PERIODS_OVER).writeText(e.filter()).writeLong(e.untilMillis());
    } else if (event instanceof SessionEvent.Draining e) {
      out.writeByte(DRAINING).writeText(e.filter());
    } else if (event instanceof SessionEvent.QueueLeft e) {
      out.writeByte(QUEUE_LEFT).writeText(e.filter());
    } else if (event instanceof SessionEvent.InboundOpened e) {
      out.writeByte(INBOUND_OPENED).writeNumber(e.firstSequence());
      writeIds(e.packetIds(), out);
    } else if (event instanceof SessionEvent.InboundClosed e) {
      out.writeByte(INBOUND_CLOSED);
      writeIds(e.packetIds(), out);
    } else {
      writeOutbound(event, out);
    }
  }

  private static void writeOutbound(SessionEvent event, ByteWriter out) {
    if (event instanceof SessionEvent.Assigned e) {
      out.writeByte(ASSIGNED).writeNumber(e.packetId()).writeText(e.filter());
      out.writeNumber(e.offset());
      Message message = e.message();
      Delivery delivery = e.delivery();
      out.writeByte(message != null && delivery != null ? 1 : 0);
      if (message != null && delivery != null) {
        MessageCodec.write(message, out);
        out.writeByte(delivery.qos().level()).writeByte(delivery.retainAsPublished() ? 1 : 0);
        writeIds(delivery.subscriptionIds(), out);
      }
    } else if (event instanceof SessionEvent.Released e) {
      out.writeByte(RELEASED).writeNumber(e.packetId());
    } else if (event instanceof SessionEvent.Completed e) {
      out.writeByte(COMPLETED).writeNumber(e.packetId());
    } else if (event instanceof SessionEvent.CursorMoved e) {
      out.writeByte(CURSOR_MOVED).writeText(e.filter());
      out.writeNumber(e.settledBelow()).writeNumber(e.sentBelow());
    } else if (event instanceof SessionEvent.Restored e) {
      out.writeByte(RESTORED).writeByte(e.exists() ? 1 : 0).writeNumber(e.expirySeconds());
      out.writeText(e.connectedTo()).writeNumber(e.connectionId());
      out.writeLong(e.connectedAtMillis()).writeLong(e.disconnectedAtMillis());
      writeWill(e.will(), out);
      out.writeLong(e.willDueAtMillis()).writeByte(e.willStarted() ? 1 : 0);
      out.writeNumber(e.willSequence()).writeNumber(e.lastSequence());
      writeOptional(e.username(), out);
    } else if (event instanceof SessionEvent.CursorRestored e) {
      out.writeByte(CURSOR_RESTORED).writeText(e.filter());
      out.writeNumber(e.sentBelow()).writeNumber(e.assignedBelow());
    } else if (event instanceof SessionEvent.InboundRestored e) {
      out.writeByte(INBOUND_RESTORED).writeNumber(e.packetId()).writeNumber(e.sequence());
    } else {
      throw new AssertionError(event);
    }
  }

  private static SessionEvent read(ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case ATTACHED ->
          new SessionEvent.Attached(
              in.readByte() == 1,
              in.readNumber(),
              in.readText(),
              in.readNumber(),
              readWill(in),
              in.readLong(),
              readOptional(in));
      case DETACHED -> new SessionEvent.Detached(in.readNumber(), in.readLong(), in.readLong());
      case WILL_STARTED -> new SessionEvent.WillStarted();
      case WILL_SETTLED -> new SessionEvent.WillSettled();
      case ENDED -> new SessionEvent.Ended();
      case SUBSCRIBED ->
          new SessionEvent.Subscribed(readSubscription(in), in.readNumber(), in.readLong());
      case UNSUBSCRIBED -> new SessionEvent.Unsubscribed(in.readText());
      case UNSUBSCRIBING -> new SessionEvent.Unsubscribing(in.readText(), in.readLong());
      case DRAINED -> new SessionEvent.Drained(in.readText());
      case PERIODS_OVER -> new SessionEvent.PeriodsOver(in.readText(), in.readLong());
      case DRAINING -> new SessionEvent.Draining(in.readText());
      case QUEUE_LEFT -> new SessionEvent.QueueLeft(in.readText());
      case INBOUND_OPENED -> {
        long first = in.readNumber();
        yield new SessionEvent.InboundOpened(readIds(in), first);
      }
      case INBOUND_CLOSED -> new SessionEvent.InboundClosed(readIds(in));
      case ASSIGNED -> readAssigned(in);
      case RELEASED -> new SessionEvent.Released(in.readInt());
      case COMPLETED -> new SessionEvent.Completed(in.readInt());
      case CURSOR_MOVED ->
          new SessionEvent.CursorMoved(in.readText(), in.readNumber(), in.readNumber());
      case RESTORED ->
          new SessionEvent.Restored(
              in.readByte() == 1,
              in.readNumber(),
              in.readText(),
              in.readNumber(),
              in.readLong(),
              in.readLong(),
              readWill(in),
              in.readLong(),
              in.readByte() == 1,
              in.readNumber(),
              in.readNumber(),
              readOptional(in));
      case CURSOR_RESTORED ->
          new SessionEvent.CursorRestored(in.readText(), in.readNumber(), in.readNumber());
      case INBOUND_RESTORED -> new SessionEvent.InboundRestored(in.readInt(), in.readNumber());
      default ->
          throw new IllegalArgumentException(
              "session event of kind " + kind + ": written by a newer version?");
    };
  }

  private static SessionEvent readAssigned(ByteReader in) {
    int packetId = in.readInt();
    String filter = in.readText();
    long offset = in.readNumber();
    if (in.readByte() == 0) {
      return new SessionEvent.Assigned(packetId, filter, offset, null, null);
    }
    Message message = MessageCodec.read(in);
    Delivery delivery = new Delivery(Qos.of(in.readByte()), in.readByte() == 1, readIds(in));
    return new SessionEvent.Assigned(packetId, filter, offset, message, delivery);
  }

  /** As the last field: nothing at all stands for null. */
  private static void writeOptional(@Nullable String text, ByteWriter out) {
    if (text != null) {
      out.writeText(text);
    }
  }

  private static @Nullable String readOptional(ByteReader in) {
    return in.hasRemaining() ? in.readText() : null;
  }

  private static void writeIds(List<Integer> ids, ByteWriter out) {
    out.writeNumber(ids.size());
    ids.forEach(out::writeNumber);
  }

  private static List<Integer> readIds(ByteReader in) {
    int count = in.readCount(1);
    List<Integer> ids = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      ids.add(in.readInt());
    }
    return ids;
  }

  static void writeSubscription(Subscription s, ByteWriter out) {
    out.writeText(s.filter().text()).writeByte(s.qos().level());
    out.writeByte((s.noLocal() ? 1 : 0) | (s.retainAsPublished() ? 2 : 0));
    out.writeByte(s.retainHandling()).writeNumber(s.subscriptionId());
  }

  static Subscription readSubscription(ByteReader in) {
    TopicFilter filter = TopicFilter.of(in.readText());
    Qos qos = Qos.of(in.readByte());
    int flags = in.readByte();
    return new Subscription(
        filter, qos, (flags & 1) != 0, (flags & 2) != 0, in.readByte(), in.readInt());
  }

  /** A will is kept as the message it will become, with its delay. */
  static void writeWill(@Nullable Will will, ByteWriter out) {
    out.writeByte(will == null ? 0 : 1);
    if (will != null) {
      out.writeNumber(will.delaySeconds());
      MessageCodec.write(
          new Message(
              will.topic(), will.payload(), will.qos(), will.retain(), will.properties(), "", 0),
          out);
    }
  }

  static @Nullable Will readWill(ByteReader in) {
    if (in.readByte() == 0) {
      return null;
    }
    long delaySeconds = in.readNumber();
    Message message = MessageCodec.read(in);
    return new Will(
        message.topic(),
        message.payload(),
        message.qos(),
        message.retain(),
        delaySeconds,
        message.properties());
  }
}
