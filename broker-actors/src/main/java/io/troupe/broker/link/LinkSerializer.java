package io.troupe.broker.link;

import akka.actor.ExtendedActorSystem;
import io.troupe.broker.serialization.AddressingSerializer;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;

/**
 * What the two ends of a link tell each other.
 *
 * <pre>
 * manifest O1 open:   text node, number link, address of the sender
 * manifest R1 opened: number link, address of the receiver, number version ({@link LinkCodec};
 *                     missing: 1)
 * manifest P1 part:   number batch, number part, number parts, bytes as {@link LinkCodec} has them
 * manifest T1 taken:  number link, number batch
 * </pre>
 */
public final class LinkSerializer extends AddressingSerializer {
  private static final int IDENTIFIER = 7_426;
  private static final String OPEN = "O1";
  private static final String OPENED = "R1";
  private static final String PART = "P1";
  private static final String TAKEN = "T1";

  /** Made by Akka. */
  public LinkSerializer(ExtendedActorSystem system) {
    super(system);
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object object) {
    if (object instanceof LinkReceiverActor.Part) {
      return PART;
    } else if (object instanceof LinkSenderActor.Taken) {
      return TAKEN;
    } else if (object instanceof LinkActor.Open) {
      return OPEN;
    } else if (object instanceof LinkSenderActor.Opened) {
      return OPENED;
    }
    throw local(object);
  }

  @Override
  public byte[] toBinary(Object object) {
    if (object instanceof LinkReceiverActor.Part part) {
      ByteWriter out = new ByteWriter(part.bytes().length() + 24);
      out.writeNumber(part.batch()).writeNumber(part.part()).writeNumber(part.parts());
      return out.writePayload(part.bytes()).toByteArray();
    }
    ByteWriter out = new ByteWriter(128);
    if (object instanceof LinkSenderActor.Taken taken) {
      out.writeNumber(taken.linkId()).writeNumber(taken.batch());
    } else if (object instanceof LinkActor.Open open) {
      out.writeText(open.node()).writeNumber(open.linkId());
      writeRef(open.sender(), out);
    } else if (object instanceof LinkSenderActor.Opened opened) {
      out.writeNumber(opened.linkId());
      writeRef(opened.receiver(), out);
      out.writeNumber(opened.version());
    } else {
      throw local(object);
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case PART ->
          new LinkReceiverActor.Part(in.readNumber(), in.readInt(), in.readInt(), in.readPayload());
      case TAKEN -> new LinkSenderActor.Taken(in.readNumber(), in.readNumber());
      case OPEN -> new LinkActor.Open(in.readText(), in.readNumber(), readRef(in));
      case OPENED ->
          new LinkSenderActor.Opened(
              in.readNumber(), readRef(in), in.hasRemaining() ? in.readInt() : 1);
      default -> throw unknown(manifest);
    };
  }
}
