package io.troupe.broker.directory;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The journal's form of {@link DirectoryEvent}.
 *
 * <pre>
 * manifest C1: number of records, records, number of removed, client identifiers as texts
 * manifest A1: number of records, records
 * record:      text client identifier, text connected to, 8 bytes wake at
 * </pre>
 */
public final class DirectoryEventSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 74_002;
  private static final String CHANGED_1 = "C1";
  private static final String ALL_1 = "A1";
  static final int RECORD_BYTES_MIN = 10;
  private static final int RECORD_BYTES_USUAL = 80;

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object event) {
    return event instanceof DirectoryEvent.All ? ALL_1 : CHANGED_1;
  }

  @Override
  public byte[] toBinary(Object object) {
    if (object instanceof DirectoryEvent.Changed changed) {
      ByteWriter out = new ByteWriter(changed.size() * RECORD_BYTES_USUAL);
      writeRecords(changed.put(), out);
      out.writeNumber(changed.removed().size());
      changed.removed().forEach(out::writeText);
      return out.toByteArray();
    }
    if (object instanceof DirectoryEvent.All all) {
      ByteWriter out = new ByteWriter(all.clients().size() * RECORD_BYTES_USUAL);
      writeRecords(all.clients(), out);
      return out.toByteArray();
    }
    throw new IllegalArgumentException("not a directory event: " + object.getClass());
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case CHANGED_1 -> new DirectoryEvent.Changed(readRecords(in), readTexts(in));
      case ALL_1 -> new DirectoryEvent.All(readRecords(in));
      default -> throw new NotSerializableException("directory event of manifest " + manifest);
    };
  }

  private static void writeRecords(List<ClientRecord> records, ByteWriter out) {
    out.writeNumber(records.size());
    records.forEach(client -> writeRecord(client, out));
  }

  static void writeRecord(ClientRecord client, ByteWriter out) {
    out.writeText(client.clientId())
        .writeText(client.connectedTo())
        .writeLong(client.wakeAtMillis());
  }

  static ClientRecord readRecord(ByteReader in) {
    return new ClientRecord(in.readText(), in.readText(), in.readLong());
  }

  private static List<ClientRecord> readRecords(ByteReader in) {
    int count = in.readCount(RECORD_BYTES_MIN);
    List<ClientRecord> records = new ArrayList<>(count);
    Map<String, String> nodes = new HashMap<>();
    for (int i = 0; i < count; i++) {
      String clientId = in.readText();
      String connectedTo = nodes.computeIfAbsent(in.readText(), name -> name);
      records.add(new ClientRecord(clientId, connectedTo, in.readLong()));
    }
    return records;
  }

  private static List<String> readTexts(ByteReader in) {
    int count = in.readCount(1);
    List<String> texts = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      texts.add(in.readText());
    }
    return texts;
  }
}
