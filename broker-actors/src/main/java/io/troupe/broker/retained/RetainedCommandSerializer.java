package io.troupe.broker.retained;

import akka.actor.ExtendedActorSystem;
import io.troupe.broker.retained.RetainedPartitionActor.Find;
import io.troupe.broker.retained.RetainedPartitionActor.Ping;
import io.troupe.broker.retained.RetainedPartitionActor.Store;
import io.troupe.broker.serialization.AddressingSerializer;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageCodec;

/**
 * Commands to retained partitions on other nodes.
 *
 * <pre>
 * manifest S1: number batch, list of messages, address to answer to; publishers are told of refusals
 * manifest S2: the same, publishers are not told
 * manifest F1: text filter, text cursor, number request, address to answer to
 * manifest P1: nothing
 * </pre>
 */
public final class RetainedCommandSerializer extends AddressingSerializer {
  private static final int IDENTIFIER = 7_424;
  private static final String STORE = "S1";
  private static final String STORE_UNTOLD = "S2";
  private static final String FIND = "F1";
  private static final String PING = "P1";

  /** Made by Akka. */
  public RetainedCommandSerializer(ExtendedActorSystem system) {
    super(system);
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object command) {
    if (command instanceof Store store) {
      return store.told() ? STORE : STORE_UNTOLD;
    } else if (command instanceof Find) {
      return FIND;
    } else if (command instanceof Ping) {
      return PING;
    }
    throw local(command);
  }

  @Override
  public byte[] toBinary(Object command) {
    ByteWriter out = new ByteWriter(256);
    if (command instanceof Store store) {
      out.writeNumber(store.batchId());
      out.writeList(store.messages(), message -> MessageCodec.write(message, out));
      writeRef(store.replyTo(), out);
    } else if (command instanceof Find find) {
      out.writeText(find.filter()).writeText(find.cursor()).writeNumber(find.requestId());
      writeRef(find.replyTo(), out);
    } else if (!(command instanceof Ping)) {
      throw local(command);
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case STORE, STORE_UNTOLD ->
          new Store(
              in.readNumber(),
              in.readList(MessageCodec.BYTES_MIN, () -> MessageCodec.read(in)),
              manifest.equals(STORE),
              readRef(in));
      case FIND -> new Find(in.readText(), in.readText(), in.readNumber(), readRef(in));
      case PING -> new Ping();
      default -> throw unknown(manifest);
    };
  }
}
