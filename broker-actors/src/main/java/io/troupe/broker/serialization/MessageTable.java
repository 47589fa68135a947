package io.troupe.broker.serialization;

import io.troupe.protocol.packet.Message;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * The application messages of one batch as bytes, each once however often it occurs: the number 0
 * and the message, as {@link MessageCodec} writes it, where it is new; its number in the order of
 * appearance, from 1, where it comes again. For one batch in one direction; not thread-safe.
 */
public final class MessageTable {
  private final IdentityHashMap<Message, Integer> written = new IdentityHashMap<>();
  private final List<Message> read = new ArrayList<>();

  /** Writes a message, or which of those before it is: the very object. */
  public void write(Message message, ByteWriter out) {
    Integer number = written.putIfAbsent(message, written.size() + 1);
    if (number != null) {
      out.writeNumber(number);
    } else {
      out.writeNumber(0);
      MessageCodec.write(message, out);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if the bytes are damaged
   */
  public Message read(ByteReader in) {
    int number = in.readInt();
    if (number > read.size()) {
      throw new IllegalArgumentException("message " + number + " of " + read.size());
    }
    if (number > 0) {
      return read.get(number - 1);
    }
    Message message = MessageCodec.read(in);
    read.add(message);
    return message;
  }
}
