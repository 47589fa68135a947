package io.troupe.broker.session;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.protocol.session.SessionEvent;
import io.troupe.protocol.session.SessionState;
import java.io.NotSerializableException;

/**
 * Session events and snapshots in the journal: the manifest names kind and version, {@link
 * SessionCodec} the bytes. A snapshot is a count and that many events, each with its length before
 * it.
 */
public final class SessionEventSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 7401;
  private static final String EVENT = "e1";
  private static final String STATE = "s1";

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object o) {
    return o instanceof SessionState ? STATE : EVENT;
  }

  @Override
  public byte[] toBinary(Object o) {
    if (o instanceof SessionEvent event) {
      return SessionCodec.toBytes(event);
    }
    var events = ((SessionState) o).toEvents();
    ByteWriter out = new ByteWriter(64 * events.size());
    out.writeNumber(events.size());
    events.forEach(event -> out.writeBytes(SessionCodec.toBytes(event)));
    return out.toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    if (manifest.equals(EVENT)) {
      return SessionCodec.fromBytes(bytes);
    }
    if (!manifest.equals(STATE)) {
      throw new NotSerializableException(
          "session data of an unknown kind \"" + manifest + "\": written by a newer version?");
    }
    ByteReader in = new ByteReader(bytes);
    SessionState state = new SessionState();
    int count = in.readCount(1);
    for (int i = 0; i < count; i++) {
      SessionCodec.fromBytes(in.readBytes()).applyTo(state);
    }
    return state;
  }
}
