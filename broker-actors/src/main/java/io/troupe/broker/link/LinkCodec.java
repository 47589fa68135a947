package io.troupe.broker.link;

import akka.actor.typed.ActorRef;
import io.troupe.broker.connection.FromSessionCodec;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.SessionCommandCodec;
import java.util.function.Function;

/**
 * The items of one batch as bytes: one after the other until the end, each a kind byte and its
 * fields. An application message is there once, whatever number of items has it.
 *
 * <p>A node tells with {@link LinkSenderActor.Opened} which version it reads, and gets nothing of a
 * later one: a new kind raises {@link #VERSION}, and {@link LinkItem#since} keeps it from older
 * nodes.
 */
final class LinkCodec {
  /** What this node reads. 2: parcels, acknowledgements seen to, figures. */
  static final int VERSION = 2;

  private static final int TO_SESSION = 1;
  private static final int TO_CLIENT = 2;
  private static final int TO_CONNECTION = 3;
  private static final int PARCEL = 4;
  private static final int TOOK = 5;
  private static final int FIGURES = 6;

  private LinkCodec() {}

  private static void nothing() {}

  /**
   * Writes an item.
   *
   * @param version that the other node reads, not before {@link LinkItem#since}
   */
  static void write(
      LinkItem item,
      int version,
      Function<ActorRef<?>, String> refs,
      MessageTable messages,
      ByteWriter out) {
    if (item instanceof LinkItem.ToSession to) {
      if (to.parcel() != 0 && version >= 2) {
        out.writeByte(PARCEL).writeNumber(to.parcel());
      } else {
        out.writeByte(TO_SESSION);
      }
      out.writeText(refs.apply(to.session()));
      SessionCommandCodec.write(to.command(), messages, out);
    } else if (item instanceof LinkItem.ToConnection to) {
      out.writeByte(TO_CONNECTION).writeNumber(to.connectionId()).writeText(to.clientId());
      FromSessionCodec.write(to.content(), messages, out);
    } else if (item instanceof LinkItem.ToClient to) {
      out.writeByte(TO_CLIENT).writeText(to.clientId());
      SessionCommandCodec.write(to.command(), messages, out);
    } else if (item instanceof LinkItem.Took took) {
      out.writeByte(TOOK).writeNumber(took.parcel());
    } else if (item instanceof LinkItem.Figures figures) {
      out.writeByte(FIGURES);
      FiguresCodec.write(figures.figures(), out);
    } else {
      throw new AssertionError(item);
    }
  }

  static LinkItem read(
      Function<String, ActorRef<ClientSessionActor.Command>> refs,
      MessageTable messages,
      ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case TO_SESSION -> readToSession(0, refs, messages, in);
      case PARCEL -> readToSession(in.readNumber(), refs, messages, in);
      case TOOK -> new LinkItem.Took(in.readNumber());
      case FIGURES -> new LinkItem.Figures(FiguresCodec.read(in));
      case TO_CLIENT ->
          new LinkItem.ToClient(in.readText(), SessionCommandCodec.read(messages, in));
      case TO_CONNECTION ->
          new LinkItem.ToConnection(
              in.readNumber(),
              in.readText(),
              FromSessionCodec.read(messages, in),
              LinkCodec::nothing);
      default ->
          throw new IllegalArgumentException(
              "link item of kind " + kind + ": is the other node of a newer version?");
    };
  }

  private static LinkItem readToSession(
      long parcel,
      Function<String, ActorRef<ClientSessionActor.Command>> refs,
      MessageTable messages,
      ByteReader in) {
    return new LinkItem.ToSession(
        refs.apply(in.readText()), SessionCommandCodec.read(messages, in), parcel);
  }
}
