package io.troupe.broker.connection;

import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.SessionCommandCodec;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.InboundFlow;
import java.util.List;

/**
 * What sessions tell connections on other nodes, as bytes: a kind byte, then the fields in order.
 * Kinds are promises to other versions, as those of {@link SessionCommandCodec}.
 */
public final class FromSessionCodec {
  private static final int ATTACHED = 1;
  private static final int REFUSED = 2;
  private static final int DELIVER = 3;
  private static final int SUBACK = 4;
  private static final int UNSUBACK = 5;
  private static final int PUBREL = 6;
  private static final int PUBCOMP = 7;
  private static final int ADMITTED = 8;
  private static final int CLOSE = 9;
  private static final int HANDLED = 10;

  private FromSessionCodec() {}

  /** Writes it. */
  public static void write(FromSession content, MessageTable messages, ByteWriter out) {
    if (content instanceof FromSession.Deliver deliver) {
      out.writeByte(DELIVER);
      out.writeList(deliver.batch().runs(), run -> writeRun(run, messages, out));
    } else if (content instanceof FromSession.Send send) {
      writePacket(send.packet(), out);
    } else if (content instanceof FromSession.Admitted admitted) {
      out.writeByte(ADMITTED);
      out.writeList(
          admitted.admissions(),
          a ->
              out.writeNumber(a.packetId())
                  .writeNumber(a.sequence())
                  .writeByte((a.retry() ? 1 : 0) | (a.routed() ? 2 : 0)));
      out.writeNumber(admitted.settledBelow());
    } else if (content instanceof FromSession.Handled handled) {
      out.writeByte(HANDLED).writeNumber(handled.acknowledgements());
    } else if (content instanceof FromSession.Attached attached) {
      out.writeByte(ATTACHED).writeByte(attached.sessionPresent() ? 1 : 0);
    } else if (content instanceof FromSession.Refused refused) {
      out.writeByte(REFUSED).writeByte(refused.reason().value());
    } else if (content instanceof FromSession.Close close) {
      out.writeByte(CLOSE).writeByte(close.reason().value());
    } else {
      throw new AssertionError(content);
    }
  }

  private static void writeRun(OutboundBatch.Run run, MessageTable messages, ByteWriter out) {
    out.writeList(run.messages(), message -> messages.write(message, out));
    SessionCommandCodec.writeDelivery(run.delivery(), out);
    out.writeNumber(run.packetId()).writeByte(run.dup() ? 1 : 0);
  }

  private static void writePacket(Packet packet, ByteWriter out) {
    if (packet instanceof Pubrel pubrel) {
      out.writeByte(PUBREL).writeNumber(pubrel.packetId()).writeByte(pubrel.reason().value());
    } else if (packet instanceof Pubcomp pubcomp) {
      out.writeByte(PUBCOMP).writeNumber(pubcomp.packetId()).writeByte(pubcomp.reason().value());
    } else if (packet instanceof Suback suback) {
      out.writeByte(SUBACK).writeNumber(suback.packetId());
      out.writeList(suback.reasons(), reason -> out.writeByte(reason.value()));
    } else if (packet instanceof Unsuback unsuback) {
      out.writeByte(UNSUBACK).writeNumber(unsuback.packetId());
      out.writeList(unsuback.reasons(), reason -> out.writeByte(reason.value()));
    } else {
      throw new AssertionError(packet);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the bytes are damaged or of a newer version
   */
  public static FromSession read(MessageTable messages, ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case ATTACHED -> new FromSession.Attached(in.readByte() != 0);
      case REFUSED -> new FromSession.Refused(SessionCommandCodec.readReason(in));
      case CLOSE -> new FromSession.Close(SessionCommandCodec.readReason(in));
      case DELIVER -> new FromSession.Deliver(readBatch(messages, in));
      case HANDLED -> new FromSession.Handled(in.readInt());
      case ADMITTED ->
          new FromSession.Admitted(in.readList(3, () -> readAdmission(in)), in.readNumber());
      case SUBACK ->
          new FromSession.Send(new Suback(in.readInt(), readReasons(in), null, List.of()));
      case UNSUBACK ->
          new FromSession.Send(new Unsuback(in.readInt(), readReasons(in), null, List.of()));
      case PUBREL ->
          new FromSession.Send(Pubrel.of(in.readInt(), SessionCommandCodec.readReason(in)));
      case PUBCOMP ->
          new FromSession.Send(Pubcomp.of(in.readInt(), SessionCommandCodec.readReason(in)));
      default ->
          throw new IllegalArgumentException(
              "for a connection, of kind " + kind + ": is the other node of a newer version?");
    };
  }

  private static OutboundBatch readBatch(MessageTable messages, ByteReader in) {
    OutboundBatch batch = new OutboundBatch();
    int runs = in.readCount(5);
    for (int i = 0; i < runs; i++) {
      List<Message> run = in.readList(1, () -> messages.read(in));
      Delivery delivery = SessionCommandCodec.readDelivery(in);
      int packetId = in.readInt();
      boolean dup = in.readByte() != 0;
      if (packetId == 0) {
        batch.add(run, delivery);
      } else {
        batch.add(run.get(0), delivery, packetId, dup);
      }
    }
    return batch;
  }

  private static InboundFlow.Admission readAdmission(ByteReader in) {
    int packetId = in.readInt();
    long sequence = in.readNumber();
    int flags = in.readByte();
    return new InboundFlow.Admission(packetId, sequence, (flags & 1) != 0, (flags & 2) != 0);
  }

  private static List<ReasonCode> readReasons(ByteReader in) {
    return in.readList(1, () -> SessionCommandCodec.readReason(in));
  }
}
