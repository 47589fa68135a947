package io.troupe.deploy.faults;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One MQTT 3.1.1 connection that does one thing after the other. Whatever ends it is an {@link
 * IOException}.
 */
final class FaultClient implements AutoCloseable {
  /** Nothing that is expected takes longer, however slow the machine. */
  static final int PATIENCE_SECONDS = 60;

  private final Socket socket = new Socket();
  private final DataInputStream in;
  private int lastPacketId;

  /** First byte of the packet read last. */
  private int header;

  /**
   * Connects and waits for CONNACK.
   *
   * @param clean whether the session ends with the connection
   */
  FaultClient(int port, String clientId, boolean clean) throws IOException {
    try {
      socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      socket.setTcpNoDelay(true);
      in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 16));
      ConnectSpec spec = ConnectSpec.persistentClient(ProtocolVersion.V3_1_1, clientId, 0, 65_535);
      send(out -> Frames.connect(out, clean ? spec.withCleanStart() : spec));
      byte code = await(Frames.CONNACK)[1];
      if (code != 0) {
        throw new IOException("CONNACK " + code);
      }
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  void subscribe(String filter, int qos) throws IOException {
    send(out -> Frames.subscribe(out, ProtocolVersion.V3_1_1, ++lastPacketId, filter, qos));
    if (await(Frames.SUBACK)[2] < 0) {
      throw new IOException("SUBACK refuses " + filter);
    }
  }

  /** Sends a PUBLISH and waits for nothing. */
  void send(String topic, byte[] payload, int qos) throws IOException {
    int packetId = (++lastPacketId & 0x7FFF) | 0x8000;
    send(
        out ->
            Frames.publish(
                out, ProtocolVersion.V3_1_1, topic, payload, qos, false, false, packetId));
  }

  /** Publishes at QoS 1; returning means that PUBACK has come. */
  void publish(String topic, byte[] payload) throws IOException {
    send(topic, payload, 1);
    await(Frames.PUBACK);
  }

  void ping() throws IOException {
    send(Frames::pingreq);
    await(Frames.PINGRESP);
  }

  /** The payload of the next PUBLISH, acknowledged. */
  byte[] receive() throws IOException {
    byte[] publish = await(Frames.PUBLISH);
    int topicEnd = 2 + ByteBuffer.wrap(publish).getShort();
    int qos = header >> 1 & 3;
    if (qos == 0) {
      return Arrays.copyOfRange(publish, topicEnd, publish.length);
    }
    int packetId = ByteBuffer.wrap(publish).getShort(topicEnd) & 0xFFFF;
    send(out -> Frames.ack(out, Frames.PUBACK, packetId));
    return Arrays.copyOfRange(publish, topicEnd + 2, publish.length);
  }

  String receiveText() throws IOException {
    return new String(receive(), StandardCharsets.UTF_8);
  }

  /** Ends the session's connection in order; returns once the broker has closed it. */
  void disconnect() throws IOException {
    send(Frames::disconnect);
    if (in.read() >= 0) {
      throw new IOException("a packet after DISCONNECT");
    }
    close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private void send(Consumer<ByteBuf> frame) throws IOException {
    ByteBuf out = Unpooled.buffer();
    frame.accept(out);
    socket.getOutputStream().write(out.array(), 0, out.readableBytes());
  }

  /** The next packet, which must be of this type, without its fixed header. */
  private byte[] await(int type) throws IOException {
    header = in.readUnsignedByte();
    int length = 0;
    int digit;
    int shift = 0;
    do {
      digit = in.readUnsignedByte();
      length |= (digit & 0x7F) << shift;
      shift += 7;
    } while (digit > 0x7F);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException();
    }
    if (header >> 4 != type) {
      throw new IOException("packet type " + (header >> 4) + " instead of " + type);
    }
    return body;
  }
}
