package io.troupe.broker.session;

import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.ClientSessionActor.Ack;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.broker.session.ClientSessionActor.Deliver;
import io.troupe.broker.session.ClientSessionActor.Requested;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.QueuedMessage;
import io.troupe.protocol.session.Subscription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What comes to sessions from other nodes, as bytes: a kind byte, then the fields in order. Kinds
 * are promises to other versions: a changed command gets a new kind, and the old one is read for as
 * long as nodes of that version may be beside this one.
 */
public final class SessionCommandCodec {
  private static final int ATTACH = 1;
  private static final int DETACH = 2;
  private static final int SUBSCRIBE = 3;
  private static final int UNSUBSCRIBE = 4;
  private static final int ACKNOWLEDGE = 5;
  private static final int ADMIT = 6;
  private static final int ROUTED = 7;
  private static final int DELIVER = 8;
  private static final int QUEUE_BATCH = 9;
  private static final int SHARED_BATCH = 10;
  private static final int SUBSCRIPTION_EFFECTIVE = 11;
  private static final int SUBSCRIPTION_FAILED = 12;
  private static final int UNSUBSCRIPTION_EFFECTIVE = 13;
  private static final int RETAINED_FOUND = 14;
  private static final int WAKE = 15;

  private SessionCommandCodec() {}

  /**
   * Writes a command.
   *
   * @throws IllegalArgumentException for one that never leaves its node
   */
  public static void write(Command command, MessageTable messages, ByteWriter out) {
    if (command instanceof Deliver deliver) {
      writeDeliver(deliver, messages, out);
    } else if (command instanceof ClientSessionActor.QueueBatch c) {
      out.writeByte(QUEUE_BATCH).writeText(c.filter()).writeNumber(c.fromOffset());
      writeQueued(c.messages(), messages, out);
      out.writeNumber(c.nextOffset()).writeNumber(c.dropped()).writeByte(c.inStep() ? 1 : 0);
    } else if (command instanceof ClientSessionActor.SharedBatch c) {
      out.writeByte(SHARED_BATCH).writeText(c.filter());
      writeQueued(c.messages(), messages, out);
      out.writeList(c.again(), out::writeNumber);
    } else if (command instanceof ClientSessionActor.RetainedFound c) {
      out.writeByte(RETAINED_FOUND).writeText(c.filter()).writeNumber(c.requestId());
      out.writeList(c.messages(), message -> messages.write(message, out)).writeText(c.next());
    } else if (!writeOfConnection(command, out)) {
      writeAnswer(command, out);
    }
  }

  private static boolean writeOfConnection(Command command, ByteWriter out) {
    if (command instanceof ClientSessionActor.Acknowledge c) {
      out.writeByte(ACKNOWLEDGE).writeNumber(c.connectionId());
      out.writeList(
          c.acks(),
          ack ->
              out.writeByte(ack.type())
                  .writeNumber(ack.packetId())
                  .writeByte(ack.reason().value()));
    } else if (command instanceof ClientSessionActor.Admit c) {
      out.writeByte(ADMIT).writeNumber(c.connectionId());
      out.writeList(c.packetIds(), id -> out.writeNumber(id));
    } else if (command instanceof ClientSessionActor.Routed c) {
      out.writeByte(ROUTED).writeNumber(c.packetId()).writeNumber(c.sequence());
      out.writeByte(c.refused() ? 1 : 0);
    } else if (command instanceof ClientSessionActor.Subscribe c) {
      out.writeByte(SUBSCRIBE).writeNumber(c.connectionId()).writeNumber(c.packetId());
      out.writeList(c.entries(), entry -> writeRequested(entry, out));
    } else if (command instanceof ClientSessionActor.Unsubscribe c) {
      out.writeByte(UNSUBSCRIBE).writeNumber(c.connectionId()).writeNumber(c.packetId());
      out.writeList(c.filters(), out::writeText);
    } else if (command instanceof ClientSessionActor.Attach c) {
      writeAttach(c, out);
    } else if (command instanceof ClientSessionActor.Detach c) {
      out.writeByte(DETACH).writeNumber(c.connectionId()).writeByte(c.withWill() ? 1 : 0);
      out.writeLong(c.newExpirySeconds());
    } else {
      return false;
    }
    return true;
  }

  private static void writeAnswer(Command command, ByteWriter out) {
    if (command instanceof ClientSessionActor.SubscriptionEffective c) {
      out.writeByte(SUBSCRIPTION_EFFECTIVE).writeText(c.filter()).writeByte(c.existed() ? 1 : 0);
      out.writeNumber(c.endOffset());
    } else if (command instanceof ClientSessionActor.SubscriptionFailed c) {
      out.writeByte(SUBSCRIPTION_FAILED).writeText(c.filter()).writeByte(c.reason().value());
    } else if (command instanceof ClientSessionActor.UnsubscriptionEffective c) {
      out.writeByte(UNSUBSCRIPTION_EFFECTIVE).writeText(c.filter()).writeByte(c.existed() ? 1 : 0);
    } else if (command instanceof ClientSessionActor.Wake c) {
      out.writeByte(WAKE).writeText(c.clientId()).writeText(c.lostIncarnation());
      out.writeLong(c.lostAtMillis());
    } else {
      throw new IllegalArgumentException("not for other nodes: " + command.getClass());
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the bytes are damaged or of a newer version
   */
  public static Command read(MessageTable messages, ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case ATTACH -> readAttach(in);
      case DETACH ->
          new ClientSessionActor.Detach(in.readNumber(), in.readByte() != 0, in.readLong());
      case SUBSCRIBE ->
          new ClientSessionActor.Subscribe(
              in.readNumber(), in.readInt(), in.readList(1, () -> readRequested(in)));
      case UNSUBSCRIBE ->
          new ClientSessionActor.Unsubscribe(
              in.readNumber(), in.readInt(), in.readList(1, in::readText));
      case ACKNOWLEDGE ->
          new ClientSessionActor.Acknowledge(
              in.readNumber(),
              in.readList(3, () -> new Ack(in.readByte(), in.readInt(), readReason(in))));
      case ADMIT ->
          new ClientSessionActor.Admit(in.readNumber(), List.copyOf(in.readList(1, in::readInt)));
      case ROUTED ->
          new ClientSessionActor.Routed(in.readInt(), in.readNumber(), in.readByte() != 0);
      case DELIVER -> readDeliver(messages, in);
      case QUEUE_BATCH ->
          new ClientSessionActor.QueueBatch(
              in.readText(),
              in.readNumber(),
              readQueued(messages, in),
              in.readNumber(),
              in.readInt(),
              in.readByte() != 0);
      case SHARED_BATCH ->
          new ClientSessionActor.SharedBatch(
              in.readText(), readQueued(messages, in), in.readList(1, in::readNumber));
      default -> readAnswer(kind, messages, in);
    };
  }

  private static Command readAnswer(int kind, MessageTable messages, ByteReader in) {
    return switch (kind) {
      case SUBSCRIPTION_EFFECTIVE ->
          new ClientSessionActor.SubscriptionEffective(
              in.readText(), in.readByte() != 0, in.readNumber());
      case SUBSCRIPTION_FAILED ->
          new ClientSessionActor.SubscriptionFailed(in.readText(), readReason(in));
      case UNSUBSCRIPTION_EFFECTIVE ->
          new ClientSessionActor.UnsubscriptionEffective(in.readText(), in.readByte() != 0);
      case RETAINED_FOUND ->
          new ClientSessionActor.RetainedFound(
              in.readText(),
              in.readNumber(),
              in.readList(1, () -> messages.read(in)),
              in.readText());
      case WAKE -> new ClientSessionActor.Wake(in.readText(), in.readText(), in.readLong());
      default ->
          throw new IllegalArgumentException(
              "session command of kind " + kind + ": is the other node of a newer version?");
    };
  }

  private static void writeAttach(ClientSessionActor.Attach c, ByteWriter out) {
    out.writeByte(ATTACH).writeText(c.node()).writeNumber(c.connectionId());
    out.writeText(c.clientId());
    writeOptional(c.username(), out);
    out.writeText(c.limits().text())
        .writeByte(c.cleanStart() ? 1 : 0)
        .writeNumber(c.expirySeconds())
        .writeNumber(c.receiveMaximum())
        .writeLong(c.maximumPacketSize());
    SessionCodec.writeWill(c.will(), out);
  }

  private static ClientSessionActor.Attach readAttach(ByteReader in) {
    return new ClientSessionActor.Attach(
        in.readText(),
        in.readNumber(),
        in.readText(),
        readOptional(in),
        ClientLimits.parse(in.readText()),
        in.readByte() != 0,
        in.readNumber(),
        in.readInt(),
        in.readLong(),
        SessionCodec.readWill(in));
  }

  private static void writeRequested(Requested entry, ByteWriter out) {
    Subscription subscription = entry.subscription();
    ReasonCode refused = entry.refused();
    out.writeByte((subscription != null ? 1 : 0) | (refused != null ? 2 : 0));
    if (subscription != null) {
      SessionCodec.writeSubscription(subscription, out);
    }
    if (refused != null) {
      out.writeByte(refused.value());
    }
  }

  private static Requested readRequested(ByteReader in) {
    int which = in.readByte();
    return new Requested(
        (which & 1) != 0 ? SessionCodec.readSubscription(in) : null,
        (which & 2) != 0 ? readReason(in) : null);
  }

  private static void writeDeliver(Deliver first, MessageTable messages, ByteWriter out) {
    List<Deliver> chain = new ArrayList<>(2);
    for (Deliver deliver = first; deliver != null; deliver = deliver.next()) {
      chain.add(deliver);
    }
    out.writeByte(DELIVER);
    out.writeList(
        chain,
        deliver -> {
          out.writeList(deliver.messages(), message -> messages.write(message, out));
          writeDelivery(deliver.delivery(), out);
        });
  }

  private static Deliver readDeliver(MessageTable messages, ByteReader in) {
    record Link(List<Message> messages, Delivery delivery) {}
    List<Link> chain =
        in.readList(4, () -> new Link(in.readList(1, () -> messages.read(in)), readDelivery(in)));
    Deliver deliver = null;
    for (int i = chain.size() - 1; i >= 0; i--) {
      deliver = new Deliver(chain.get(i).messages, chain.get(i).delivery, deliver, null);
    }
    if (deliver == null) {
      throw new IllegalArgumentException("a delivery of nothing");
    }
    return deliver;
  }

  /** How a session wants a message. */
  public static void writeDelivery(Delivery delivery, ByteWriter out) {
    out.writeByte(delivery.qos().level()).writeByte(delivery.retainAsPublished() ? 1 : 0);
    out.writeList(delivery.subscriptionIds(), id -> out.writeNumber(id));
  }

  /** Reads what {@link #writeDelivery} wrote. */
  public static Delivery readDelivery(ByteReader in) {
    return new Delivery(
        Qos.of(in.readByte()), in.readByte() != 0, List.copyOf(in.readList(1, in::readInt)));
  }

  private static void writeQueued(
      List<QueuedMessage> queued, MessageTable messages, ByteWriter out) {
    out.writeList(
        queued,
        each -> {
          out.writeNumber(each.offset());
          messages.write(each.message(), out);
        });
  }

  private static List<QueuedMessage> readQueued(MessageTable messages, ByteReader in) {
    return in.readList(2, () -> new QueuedMessage(in.readNumber(), messages.read(in)));
  }

  /** A reason code that this version may not know. */
  public static ReasonCode readReason(ByteReader in) {
    ReasonCode reason = ReasonCode.of(in.readByte());
    return reason == null ? ReasonCode.UNSPECIFIED_ERROR : reason;
  }

  private static void writeOptional(@Nullable String text, ByteWriter out) {
    out.writeByte(text == null ? 0 : 1);
    if (text != null) {
      out.writeText(text);
    }
  }

  private static @Nullable String readOptional(ByteReader in) {
    return in.readByte() == 0 ? null : in.readText();
  }
}
