package io.troupe.broker.connection;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.session.SessionCommandCodec;
import io.troupe.protocol.packet.ReasonCode;
import java.io.NotSerializableException;
import java.util.List;

/**
 * Answers of partitions to the event loops of other nodes.
 *
 * <pre>
 * manifests A1 appended, S1 retained: number batch, number partition, list of reason codes
 * manifests F1 append failed, G1 retain failed: number batch, number partition, text reason
 * </pre>
 */
public final class IngressSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 7_423;
  private static final String APPENDED = "A1";
  private static final String APPEND_FAILED = "F1";
  private static final String RETAINED = "S1";
  private static final String RETAIN_FAILED = "G1";

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object answer) {
    if (answer instanceof IngressActor.Appended) {
      return APPENDED;
    } else if (answer instanceof IngressActor.AppendFailed) {
      return APPEND_FAILED;
    } else if (answer instanceof IngressActor.RetainedStored) {
      return RETAINED;
    } else if (answer instanceof IngressActor.RetainFailed) {
      return RETAIN_FAILED;
    }
    throw new IllegalArgumentException("not for other nodes: " + answer.getClass());
  }

  @Override
  public byte[] toBinary(Object answer) {
    if (answer instanceof IngressActor.Appended a) {
      return stored(a.batchId(), a.partition(), a.results());
    } else if (answer instanceof IngressActor.RetainedStored s) {
      return stored(s.batchId(), s.partition(), s.results());
    } else if (answer instanceof IngressActor.AppendFailed f) {
      return failed(f.batchId(), f.partition(), f.reason());
    } else if (answer instanceof IngressActor.RetainFailed f) {
      return failed(f.batchId(), f.partition(), f.reason());
    }
    throw new IllegalArgumentException("not for other nodes: " + answer.getClass());
  }

  private static byte[] stored(long batchId, int partition, List<ReasonCode> results) {
    ByteWriter out = new ByteWriter(16 + results.size());
    out.writeNumber(batchId).writeNumber(partition);
    return out.writeList(results, result -> out.writeByte(result.value())).toByteArray();
  }

  private static byte[] failed(long batchId, int partition, String reason) {
    ByteWriter out = new ByteWriter(64);
    return out.writeNumber(batchId).writeNumber(partition).writeText(reason).toByteArray();
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case APPENDED -> new IngressActor.Appended(in.readNumber(), in.readInt(), readResults(in));
      case RETAINED ->
          new IngressActor.RetainedStored(in.readNumber(), in.readInt(), readResults(in));
      case APPEND_FAILED ->
          new IngressActor.AppendFailed(in.readNumber(), in.readInt(), in.readText());
      case RETAIN_FAILED ->
          new IngressActor.RetainFailed(in.readNumber(), in.readInt(), in.readText());
      default -> throw new NotSerializableException("answer of manifest " + manifest);
    };
  }

  private static List<ReasonCode> readResults(ByteReader in) {
    return List.copyOf(in.readList(1, () -> SessionCommandCodec.readReason(in)));
  }
}
