package io.troupe.broker.link;

import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * {@link NodeFigures} as bytes: the node's name; a list of numbers, to whose end later versions
 * add; a list of drop reasons, each as its label, and their counts. What is missing is 0.
 */
final class FiguresCodec {
  private FiguresCodec() {}

  static void write(NodeFigures figures, ByteWriter out) {
    Totals t = figures.totals();
    out.writeText(figures.node());
    List<Long> numbers =
        List.of(
            figures.connectionsReserved(),
            figures.sessionsReserved(),
            t.socketsOpened(),
            t.connections(),
            t.connectionsMax(),
            t.storedSessions(),
            t.disconnectedSessions(),
            t.sessionsExpired(),
            t.packetsReceived(),
            t.packetsSent(),
            t.connectPacketsReceived(),
            t.networkBytesReceived(),
            t.networkBytesSent(),
            t.messagesReceived(),
            t.messagesSent(),
            t.payloadBytesReceived(),
            t.payloadBytesSent(),
            t.subscriptions(),
            t.retainedMessages(),
            t.retainedBytes(),
            t.queuedMessages(),
            t.queuedBytes());
    out.writeList(numbers, number -> out.writeNumber(Math.max(0, number)));
    out.writeList(
        List.copyOf(new EnumMap<>(t.dropped()).entrySet()),
        dropped -> out.writeText(dropped.getKey().label()).writeNumber(dropped.getValue()));
  }

  static NodeFigures read(ByteReader in) {
    String node = in.readText();
    Iterator<Long> numbers = in.readList(1, in::readNumber).iterator();
    long connectionsReserved = next(numbers);
    long sessionsReserved = next(numbers);
    long[] n = new long[20];
    for (int i = 0; i < n.length; i++) {
      n[i] = next(numbers);
    }
    Map<DropReason, Long> dropped = readDropped(in);
    Totals totals =
        new Totals(
            n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[8], n[9], n[10], n[11], n[12], n[13],
            n[14], dropped, n[15], n[16], n[17], n[18], n[19]);
    return new NodeFigures(node, connectionsReserved, sessionsReserved, totals);
  }

  private static long next(Iterator<Long> numbers) {
    return numbers.hasNext() ? numbers.next() : 0;
  }

  private record Dropped(String label, long count) {}

  private static Map<DropReason, Long> readDropped(ByteReader in) {
    Map<String, Long> counts = new HashMap<>();
    for (Dropped each : in.readList(2, () -> new Dropped(in.readText(), in.readNumber()))) {
      counts.put(each.label, each.count);
    }
    Map<DropReason, Long> dropped = new EnumMap<>(DropReason.class);
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, counts.getOrDefault(reason.label(), 0L));
    }
    return Map.copyOf(dropped);
  }
}
