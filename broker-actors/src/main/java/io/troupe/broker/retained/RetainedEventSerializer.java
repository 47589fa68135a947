package io.troupe.broker.retained;

import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageCodec;
import io.troupe.protocol.packet.Message;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.List;

/**
 * The journal's form of {@link RetainedEvent}.
 *
 * <pre>
 * manifest C1: number of messages, messages, number of deleted topics, topics as texts
 * manifest A1: number of messages, messages
 * </pre>
 */
public final class RetainedEventSerializer extends SerializerWithStringManifest {
  private static final int IDENTIFIER = 74_001;
  private static final String CHANGED_1 = "C1";
  private static final String ALL_1 = "A1";

  @Override
  public int identifier() {
    return IDENTIFIER;
  }

  @Override
  public String manifest(Object event) {
    return event instanceof RetainedEvent.All ? ALL_1 : CHANGED_1;
  }

  @Override
  public byte[] toBinary(Object object) {
    if (object instanceof RetainedEvent.Changed changed) {
      ByteWriter out = new ByteWriter(size(changed.stored()) + 32 * changed.deleted().size());
      writeMessages(changed.stored(), out);
      out.writeNumber(changed.deleted().size());
      changed.deleted().forEach(out::writeText);
      return out.toByteArray();
    }
    if (object instanceof RetainedEvent.All all) {
      ByteWriter out = new ByteWriter(size(all.messages()));
      writeMessages(all.messages(), out);
      return out.toByteArray();
    }
    throw new IllegalArgumentException("not a retained event: " + object.getClass());
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case CHANGED_1 -> new RetainedEvent.Changed(readMessages(in), readTopics(in));
      case ALL_1 -> new RetainedEvent.All(readMessages(in));
      default -> throw new NotSerializableException("retained event of manifest " + manifest);
    };
  }

  private static int size(List<Message> messages) {
    long size = 16;
    for (Message message : messages) {
      size += message.sizeBytes();
    }
    return (int) Math.min(size, Integer.MAX_VALUE - 8);
  }

  private static void writeMessages(List<Message> messages, ByteWriter out) {
    out.writeNumber(messages.size());
    messages.forEach(message -> MessageCodec.write(message, out));
  }

  private static List<Message> readMessages(ByteReader in) {
    int count = in.readCount(MessageCodec.BYTES_MIN);
    List<Message> messages = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      messages.add(MessageCodec.read(in));
    }
    return messages;
  }

  private static List<String> readTopics(ByteReader in) {
    int count = in.readCount(1);
    List<String> topics = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      topics.add(in.readText());
    }
    return topics;
  }
}
