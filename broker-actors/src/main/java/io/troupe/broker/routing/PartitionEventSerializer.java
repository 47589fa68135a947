package io.troupe.broker.routing;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.protocol.packet.Payload;

/** Akka's way to {@link PartitionCodec}, for the journal and the snapshot store. */
public final class PartitionEventSerializer extends SerializerWithStringManifest {
  private static final String EVENT = "e";
  private static final String SNAPSHOT = "s";

  @Override
  public int identifier() {
    return 7_420;
  }

  @Override
  public String manifest(Object object) {
    return object instanceof PartitionSnapshot ? SNAPSHOT : EVENT;
  }

  @Override
  public byte[] toBinary(Object object) {
    if (object instanceof PartitionEvent event) {
      return PartitionCodec.toBytes(event);
    }
    if (object instanceof PartitionSnapshot snapshot) {
      return snapshot.bytes().array();
    }
    throw new IllegalArgumentException("cannot write " + object.getClass());
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    return switch (manifest) {
      case EVENT -> PartitionCodec.fromBytes(bytes);
      case SNAPSHOT -> new PartitionSnapshot(Payload.wrap(bytes));
      default -> throw new IllegalArgumentException("unknown manifest " + manifest);
    };
  }
}
