package io.troupe.broker.connection;

import io.troupe.protocol.codec.PublishFrame;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ProtocolVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frames of messages that go to many receivers, encoded once. A message gets a frame when it is
 * seen the second time, so one with a single receiver costs only the look. Owned by one event loop;
 * holds the frames of the last messages only.
 */
final class FrameCache {
  private static final int SLOTS = 512;

  private static final class Slot {
    @Nullable Message message;
    boolean v5;
    boolean acknowledged;
    List<Integer> subscriptionIds = List.of();
    @Nullable PublishFrame frame;
  }

  private final Slot[] slots = new Slot[SLOTS];

  /** The frame, or null: encode it yourself. */
  @SuppressWarnings(
      "ReferenceEquality") // messages are shared, not copied: the same object is the same message
  @Nullable PublishFrame frame(
      Message message,
      ProtocolVersion version,
      List<Integer> subscriptionIds,
      boolean acknowledged) {
    int index = System.identityHashCode(message) * 4;
    index += (version.isV5() ? 2 : 0) + (acknowledged ? 1 : 0);
    Slot slot = slots[index & (SLOTS - 1)];
    if (slot == null) {
      slot = new Slot();
      slots[index & (SLOTS - 1)] = slot;
    }
    boolean v5 = version.isV5();
    boolean same =
        slot.message == message
            && slot.v5 == v5
            && slot.acknowledged == acknowledged
            && (!v5 || slot.subscriptionIds.equals(subscriptionIds));
    if (!same) {
      slot.message = message;
      slot.v5 = v5;
      slot.acknowledged = acknowledged;
      slot.subscriptionIds = subscriptionIds;
      slot.frame = null;
      return null;
    }
    if (slot.frame == null) {
      slot.frame =
          PublishFrame.of(
              version,
              message.topic(),
              message.payload(),
              message.properties(),
              subscriptionIds,
              acknowledged);
    }
    return slot.frame;
  }
}
