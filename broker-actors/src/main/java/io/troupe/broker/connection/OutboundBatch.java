package io.troupe.broker.connection;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.session.Delivery;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Application messages from a session to its connection, in order. Made by the session actor, then
 * handed over: nobody writes to it afterwards.
 */
public final class OutboundBatch {

  /**
   * Messages with one delivery in common.
   *
   * @param packetId of the only message at QoS 1 and 2; 0: all of them are sent at QoS 0
   */
  public record Run(List<Message> messages, Delivery delivery, int packetId, boolean dup) {}

  private final List<Run> runs = new ArrayList<>(4);
  private int sizeBytes;
  private Undelivered.@Nullable Parcel carried;

  /** Adds messages to be sent at QoS 0. */
  public void add(List<Message> messages, Delivery delivery) {
    runs.add(new Run(messages, delivery, 0, false));
    for (Message message : messages) {
      sizeBytes += message.sizeBytes();
    }
  }

  /** Adds one message. */
  public void add(Message message, Delivery delivery, int packetId, boolean dup) {
    runs.add(new Run(List.of(message), delivery, packetId, dup));
    sizeBytes += message.sizeBytes();
  }

  public List<Run> runs() {
    return runs;
  }

  public boolean isEmpty() {
    return runs.isEmpty();
  }

  /** Approximate bytes held. */
  public int sizeBytes() {
    return sizeBytes;
  }

  /** Its messages are those of a parcel, which is taken with this batch. */
  public void carries(Undelivered.Parcel parcel) {
    taken();
    carried = parcel;
  }

  /** The connection writes the messages now, or has closed. */
  public void taken() {
    Undelivered.Parcel parcel = carried;
    if (parcel != null) {
      carried = null;
      parcel.taken();
    }
  }
}
