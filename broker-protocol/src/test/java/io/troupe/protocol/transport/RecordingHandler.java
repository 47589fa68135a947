package io.troupe.protocol.transport;

import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.ReasonCode;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The least a broker does: accepts every CONNECT, answers pings, answers violations; and tells what
 * happened.
 */
class RecordingHandler implements ConnectionHandler {
  static final String READ_COMPLETE = "read complete";
  static final String CLOSED = "closed";

  final MqttConnection connection;
  final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

  RecordingHandler(MqttConnection connection) {
    this.connection = connection;
  }

  @Override
  public void onPacket(Packet packet) {
    events.add(packet);
    if (packet instanceof Connect connect) {
      connection.connected(connect.version(), 100_000);
      connection.write(
          new Connack(
              false,
              ReasonCode.SUCCESS,
              connect.version().isV5() ? Connack.Properties.NONE : null));
    } else if (packet instanceof Pingreq) {
      connection.write(Pingresp.INSTANCE);
    } else if (packet instanceof Disconnect) {
      connection.close();
    }
  }

  @Override
  public void onReadComplete() {
    events.add(READ_COMPLETE);
    connection.flush();
  }

  @Override
  public void onProtocolViolation(ProtocolViolation violation) {
    events.add(violation);
    if (connection.version() == ProtocolVersion.V5) {
      connection.write(Disconnect.of(violation.reasonCode()));
    }
    connection.close();
  }

  @Override
  public void onWritabilityChanged(boolean writable) {
    events.add("writable " + writable);
  }

  @Override
  public void onClosed() {
    events.add(CLOSED);
  }

  /** The next event but {@link #READ_COMPLETE}; fails after a minute. */
  Object next() throws InterruptedException {
    while (true) {
      Object event = events.poll(60, TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no event within a minute");
      }
      if (!event.equals(READ_COMPLETE)) {
        return event;
      }
    }
  }
}
