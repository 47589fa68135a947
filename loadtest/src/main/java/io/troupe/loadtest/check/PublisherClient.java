package io.troupe.loadtest.check;

import io.netty.buffer.ByteBuf;
import io.troupe.loadtest.history.Flow;
import io.troupe.loadtest.history.Stamp;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Offers messages at a rate and keeps each QoS 1 and 2 message until it is acknowledged, over
 * connections: sent again with DUP, or PUBREL again, in the first order (4.4).
 */
final class PublisherClient extends Client {
  private static final int TICK_MILLIS = 10;
  private static final int PAYLOAD_MAX = 600;

  private final List<Flow> flows;
  private final double perTick;
  private final int windowOwn;
  private final boolean restless;
  private final Map<Integer, Flight> inFlight = new LinkedHashMap<>();
  private int window;
  private int lastPacketId;
  private double due;
  private boolean finishing;
  private volatile boolean idle = true;

  /** A message on its way. */
  private static final class Flight {
    final Flow flow;
    final int number;
    final byte[] payload;
    boolean released;

    Flight(Flow flow, int number, byte[] payload) {
      this.flow = flow;
      this.number = number;
      this.payload = payload;
    }
  }

  /**
   * @param flows picked at random; one that stands there twice gets twice as many messages
   * @param restless whether it breaks off, or takes its own connection over, now and then
   */
  PublisherClient(
      ClientSite site,
      ConnectSpec spec,
      Random random,
      List<Flow> flows,
      double perSecond,
      int window,
      boolean restless) {
    super(site, spec, random);
    this.flows = flows;
    this.perTick = perSecond * TICK_MILLIS / 1000;
    this.windowOwn = window;
    this.window = window;
    this.restless = restless;
  }

  /** Begins to offer messages whenever connected. */
  void beginOffering() {
    loop.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Offers nothing new; what is in flight is finished. */
  void finish() {
    finishing = true;
  }

  /** Whether nothing waits for an acknowledgement. Any thread. */
  boolean isIdle() {
    return idle;
  }

  private void tick() {
    if (finishing || !isUp()) {
      return;
    }
    due = Math.min(due + perTick, Math.max(1, perTick * 20));
    boolean sent = false;
    while (due >= 1 && inFlight.size() < window && isWritable()) {
      due--;
      offer(flows.get(random.nextInt(flows.size())));
      sent = true;
    }
    if (sent) {
      flush();
    }
  }

  private void offer(Flow flow) {
    boolean deletes = flow.kind() == Flow.Kind.RETAINED && random.nextInt(6) == 0;
    int number = site.history().offered(flow.id(), deletes, System.nanoTime());
    int size = Stamp.SIZE_MIN + random.nextInt(PAYLOAD_MAX);
    byte[] payload =
        deletes ? new byte[0] : new Stamp(site.run(), flow.id(), number).toPayload(size);
    Flight flight = new Flight(flow, number, payload);
    int packetId = 0;
    if (flow.qos() != Qos.AT_MOST_ONCE) {
      packetId = nextPacketId();
      inFlight.put(packetId, flight);
      idle = false;
    }
    publish(flight, packetId, false);
  }

  private void publish(Flight flight, int packetId, boolean dup) {
    Flow flow = flight.flow;
    ByteBuf out = buffer(flight.payload.length + flow.topic().length() + 24);
    Frames.publish(
        out,
        spec().version(),
        flow.topic(),
        flight.payload,
        flow.qos().level(),
        dup,
        flow.kind() == Flow.Kind.RETAINED,
        packetId,
        flow.expirySeconds());
    send(out);
  }

  /** Deletes its retained messages; whether the broker confirms it is not waited for. */
  void deleteRetained() {
    for (Flow flow : flows) {
      if (flow.kind() == Flow.Kind.RETAINED) {
        publish(new Flight(flow, 0, new byte[0]), nextPacketId(), false);
      }
    }
    flush();
  }

  private int nextPacketId() {
    do {
      lastPacketId = lastPacketId % 65535 + 1;
    } while (inFlight.containsKey(lastPacketId));
    return lastPacketId;
  }

  @Override
  void connected(boolean sessionPresent, int receiveMaximum) {
    window = Math.min(windowOwn, receiveMaximum);
    if (!sessionPresent) {
      // The broker forgot: what it had confirmed is its own; QoS 2 sent again could come twice.
      inFlight.values().removeIf(f -> f.released || f.flow.qos() == Qos.EXACTLY_ONCE);
    }
    for (Map.Entry<Integer, Flight> entry : inFlight.entrySet()) {
      Flight flight = entry.getValue();
      if (flight.released) {
        sendAck(Frames.PUBREL, entry.getKey());
      } else {
        site.history().repeated(flight.flow.id(), flight.number);
        publish(flight, entry.getKey(), true);
      }
    }
    idle = inFlight.isEmpty();
    if (restless) {
      loop.schedule(this::breakOff, 1000 + random.nextInt(3000), TimeUnit.MILLISECONDS);
    }
  }

  private void breakOff() {
    if (finishing || !isUp()) {
      return;
    }
    if (random.nextBoolean()) {
      takeOver();
    } else {
      reset();
    }
  }

  @Override
  void frame(int header, ByteBuf bytes, int from, int to) {
    int type = Inbound.type(header);
    if (type < Frames.PUBACK || type > Frames.PUBCOMP) {
      return;
    }
    int packetId = bytes.getUnsignedShort(from);
    Flight flight = inFlight.get(packetId);
    if (flight == null) {
      if (type == Frames.PUBREC) {
        sendAck(Frames.PUBREL, packetId);
      }
      return;
    }
    boolean refused = Inbound.ackReason(bytes, from, to) >= 0x80;
    if (type != Frames.PUBCOMP && refused) {
      site.history().refused(flight.flow.id(), flight.number);
      end(packetId);
    } else if (type == Frames.PUBREC && flight.flow.qos() == Qos.EXACTLY_ONCE) {
      site.history().takenOver(flight.flow.id(), flight.number, System.nanoTime());
      flight.released = true;
      sendAck(Frames.PUBREL, packetId);
    } else if (type == Frames.PUBACK && flight.flow.qos() == Qos.AT_LEAST_ONCE) {
      site.history().takenOver(flight.flow.id(), flight.number, System.nanoTime());
      end(packetId);
    } else if (type == Frames.PUBCOMP && flight.released) {
      end(packetId);
    }
  }

  private void end(int packetId) {
    inFlight.remove(packetId);
    idle = inFlight.isEmpty();
  }

  private void sendAck(int type, int packetId) {
    ByteBuf out = buffer(4);
    Frames.ack(out, type, packetId);
    send(out);
  }

  /** What still waits, for messages to people. Event loop only. */
  List<String> waiting() {
    List<String> names = new ArrayList<>();
    inFlight.forEach((id, f) -> names.add(f.flow.topic() + " no. " + f.number));
    return names;
  }
}
