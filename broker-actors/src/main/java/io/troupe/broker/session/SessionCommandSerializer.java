package io.troupe.broker.session;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageTable;
import java.io.NotSerializableException;

/** Session commands from other nodes, one at a time; {@link SessionCommandCodec} has the bytes. */
public final class SessionCommandSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 7_422;
  private static final String COMMAND = "sc1";

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object command) {
    return COMMAND;
  }

  @Override
  public byte[] toBinary(Object command) {
    ByteWriter out = new ByteWriter(128);
    SessionCommandCodec.write((ClientSessionActor.Command) command, new MessageTable(), out);
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    if (!manifest.equals(COMMAND)) {
      throw new NotSerializableException("session command of manifest " + manifest);
    }
    return SessionCommandCodec.read(new MessageTable(), new ByteReader(bytes));
  }
}
