package io.troupe.broker.directory;

import akka.actor.ExtendedActorSystem;
import io.troupe.broker.directory.ClientDirectoryActor.ListClients;
import io.troupe.broker.directory.ClientDirectoryActor.Ping;
import io.troupe.broker.directory.ClientDirectoryActor.Put;
import io.troupe.broker.directory.ClientDirectoryActor.Remove;
import io.troupe.broker.directory.ClientDirectoryActor.Stored;
import io.troupe.broker.serialization.AddressingSerializer;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;

/**
 * Commands to directory partitions on other nodes, and their answers.
 *
 * <pre>
 * manifest U1 put:    record, number request, address to answer to
 * manifest R1 remove: text client identifier
 * manifest L1 list:   text prefix, text after, number limit, address to answer to
 * manifest I1 ping:   nothing
 * manifest S1 stored: number request
 * manifest N1 not stored, for there are as many sessions as there may be: number request
 * manifest G1 page:   list of records, byte more
 * record:             as {@link DirectoryEventSerializer} has it
 * </pre>
 */
public final class DirectoryCommandSerializer extends AddressingSerializer {
  private static final int IDENTIFIER = 7_425;
  private static final String PUT = "U1";
  private static final String REMOVE = "R1";
  private static final String LIST = "L1";
  private static final String PING = "I1";
  private static final String PAGE = "G1";
  private static final String STORED = "S1";
  private static final String FULL = "N1";

  /** Made by Akka. */
  public DirectoryCommandSerializer(ExtendedActorSystem system) {
    super(system);
  }

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object object) {
    if (object instanceof Put) {
      return PUT;
    } else if (object instanceof Remove) {
      return REMOVE;
    } else if (object instanceof ListClients) {
      return LIST;
    } else if (object instanceof Ping) {
      return PING;
    } else if (object instanceof Stored stored) {
      return stored.full() ? FULL : STORED;
    } else if (object instanceof ClientPage) {
      return PAGE;
    }
    throw local(object);
  }

  @Override
  public byte[] toBinary(Object object) {
    ByteWriter out = new ByteWriter(256);
    if (object instanceof Put put) {
      DirectoryEventSerializer.writeRecord(put.client(), out);
      out.writeNumber(put.requestId());
      writeRef(put.replyTo(), out);
    } else if (object instanceof Remove remove) {
      out.writeText(remove.clientId());
    } else if (object instanceof ListClients list) {
      out.writeText(list.prefix()).writeText(list.after()).writeNumber(list.limit());
      writeRef(list.replyTo(), out);
    } else if (object instanceof Stored stored) {
      out.writeNumber(stored.requestId());
    } else if (object instanceof ClientPage page) {
      out.writeList(page.clients(), client -> DirectoryEventSerializer.writeRecord(client, out));
      out.writeByte(page.more() ? 1 : 0);
    } else if (!(object instanceof Ping)) {
      throw local(object);
    }
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case PUT -> new Put(DirectoryEventSerializer.readRecord(in), in.readNumber(), readRef(in));
      case REMOVE -> new Remove(in.readText());
      case LIST -> new ListClients(in.readText(), in.readText(), in.readInt(), readRef(in));
      case PING -> new Ping();
      case STORED -> new Stored(in.readNumber(), false);
      case FULL -> new Stored(in.readNumber(), true);
      case PAGE ->
          new ClientPage(
              in.readList(
                  DirectoryEventSerializer.RECORD_BYTES_MIN,
                  () -> DirectoryEventSerializer.readRecord(in)),
              in.readByte() != 0);
      default -> throw unknown(manifest);
    };
  }
}
