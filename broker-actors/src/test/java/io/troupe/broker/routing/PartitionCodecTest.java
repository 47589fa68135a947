package io.troupe.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.troupe.broker.config.ClientLimits;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartitionCodecTest {
  private static final ClientLimits OWN = ClientLimits.parse("messages-max=9,bytes-max=1MiB");
  private static final PartitionEvent STORED =
      new PartitionEvent.SubscriberStored(
          "c",
          new Subscription(TopicFilter.of("a/#"), Qos.EXACTLY_ONCE, true, true, 2, 300),
          ClientLimits.APPLICATION,
          5,
          7);

  /** Events as version 1 writes them: later versions must read them like this. */
  private static final Map<String, PartitionEvent> VERSION_1 =
      Map.of(
          "0101016303612f235eac020507",
          STORED,
          "01020174 0163".replace(" ", ""),
          new PartitionEvent.SubscriberForgotten("t", "c"),
          "0103017405",
          new PartitionEvent.QueueOpened("t", 5),
          "0104017405",
          new PartitionEvent.QueueClosed("t", 5),
          "010501017401630a",
          new PartitionEvent.CursorsMoved(
              List.of(new PartitionEvent.CursorsMoved.Cursor("t", "c", 10))),
          "0106017401630203ac02",
          new PartitionEvent.SharedAssigned("t", "c", List.of(3L, 300L)),
          "01070174040106",
          new PartitionEvent.SharedProgressed("t", 4, List.of(6L)),
          "010801740a",
          new PartitionEvent.SharedSending("t", 10),
          "010101630174810001206d657373616765732d6d61783d392c6279746573"
              + "2d6d61783d3130343835373603",
          new PartitionEvent.SubscriberStored(
              "c",
              new Subscription(TopicFilter.of("t"), Qos.AT_LEAST_ONCE, false, false, 0, 0),
              OWN,
              1,
              3));

  @Test
  void eventsOfVersion1AreReadAndWritten() {
    VERSION_1.forEach(
        (hex, event) -> {
          assertEquals(event, PartitionCodec.fromBytes(HexFormat.of().parseHex(hex)));
          assertEquals(hex, HexFormat.of().formatHex(PartitionCodec.toBytes(event)));
        });
  }

  @Test
  void aSnapshotHoldsWhatTheEventsDid() {
    PartitionState state = new PartitionState(3);
    String group = "$share/g/t";
    List<PartitionEvent> events =
        List.of(
            new PartitionEvent.QueueOpened("a/#", 1),
            STORED,
            new PartitionEvent.QueueOpened(group, 2),
            new PartitionEvent.SubscriberStored(
                "m",
                new Subscription(TopicFilter.of(group), Qos.EXACTLY_ONCE, false, false, 0, 0),
                OWN,
                5,
                1),
            new PartitionEvent.SharedAssigned(group, "m", List.of(4L)),
            new PartitionEvent.SharedProgressed(group, 3, List.of(6L)),
            new PartitionEvent.SharedSending(group, 105),
            new PartitionEvent.QueueOpened("gone", 3),
            new PartitionEvent.QueueClosed("gone", 3),
            new PartitionEvent.CursorsMoved(
                List.of(new PartitionEvent.CursorsMoved.Cursor("a/#", "c", 9))));
    events.forEach(event -> event.applyTo(state));

    PartitionSnapshot snapshot = PartitionCodec.snapshot(state);
    PartitionState restored = PartitionCodec.restore(snapshot, 3);

    assertEquals(snapshot, PartitionCodec.snapshot(restored));
    assertEquals(4, restored.nextQueueId);
    assertEquals(List.of(3), List.copyOf(restored.closedQueues));
    FilterState filter = restored.filter("a/#");
    assertEquals(9, filter.subscribers.get("c").cursor);
    assertEquals(3, restored.filter(group).group.below());
    assertEquals(105, restored.filter(group).group.sent().storedBelow());
    assertEquals(OWN, restored.filter(group).subscribers.get("m").limits);
    assertEquals(Map.of(4L, "m"), restored.filter(group).group.assignedForGood());
    assertEquals(2, restored.filters.size());
  }

  @Test
  void aSnapshotOfVersion1IsReadAndWritten() {
    Payload bytes =
        Payload.wrap(
            HexFormat.of()
                .parseHex(
                    "01"
                        + "06"
                        + "0103"
                        + "01"
                        + "0174"
                        + "05"
                        + "01"
                        + "0163"
                        + "0174010001"
                        + "03"
                        + "00"));

    PartitionState state = PartitionCodec.restore(new PartitionSnapshot(bytes), 3);

    assertEquals(3, state.filter("t").subscribers.get("c").cursor);
    assertEquals(new PartitionSnapshot(bytes), PartitionCodec.snapshot(state));
  }

  @Test
  void aLaterVersionIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> PartitionCodec.fromBytes(new byte[] {2, 3, 1, 't', 5}));
  }
}
