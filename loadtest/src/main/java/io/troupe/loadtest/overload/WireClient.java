package io.troupe.loadtest.overload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.FrameScanner;
import io.troupe.loadtest.wire.FrameScanner.FrameHandler;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/**
 * One blocking MQTT 3.1.1 connection: a thread may write while another reads. An abuser needs no
 * more, and what it costs the broker is not hidden behind an event loop of ours.
 */
final class WireClient implements Closeable {
  private static final ProtocolVersion VERSION = ProtocolVersion.V3_1_1;
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket = new Socket();
  private final OutputStream out;

  private WireClient(InetSocketAddress broker, int receiveBufferBytes) throws IOException {
    try {
      if (receiveBufferBytes > 0) {
        socket.setReceiveBufferSize(receiveBufferBytes);
      }
      socket.setTcpNoDelay(true);
      socket.connect(broker, TIMEOUT_MILLIS);
      out = socket.getOutputStream();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** A TCP connection and nothing more. */
  static WireClient open(InetSocketAddress broker) throws IOException {
    return new WireClient(broker, 0);
  }

  /** A client whose session ends with its connection. */
  static WireClient connect(InetSocketAddress broker, String clientId) throws IOException {
    return connect(broker, ConnectSpec.transientClient(VERSION, clientId, 0), 0);
  }

  /** A client whose session outlives its connection. */
  static WireClient resume(InetSocketAddress broker, String clientId) throws IOException {
    return connect(broker, ConnectSpec.persistentClient(VERSION, clientId, 0, 65535), 0);
  }

  /**
   * Connects and waits for CONNACK.
   *
   * @param receiveBufferBytes of the socket; 0 for the system's default
   * @throws IOException also when the broker refuses
   */
  static WireClient connect(InetSocketAddress broker, ConnectSpec spec, int receiveBufferBytes)
      throws IOException {
    WireClient client = new WireClient(broker, receiveBufferBytes);
    try {
      client.send(out -> Frames.connect(out, spec));
      client.socket.setSoTimeout(TIMEOUT_MILLIS);
      byte[] connack = client.socket.getInputStream().readNBytes(4);
      client.socket.setSoTimeout(0);
      if (connack.length < 4 || connack[0] != Frames.CONNACK << 4 || connack[3] != 0) {
        throw new IOException(
            connack.length < 4 ? "closed before CONNACK" : "refused with code " + connack[3]);
      }
      return client;
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  /** Subscribes and waits for the grant; nothing else may arrive before. */
  WireClient subscribed(String filter, int qos) throws IOException {
    send(out -> Frames.subscribe(out, VERSION, 1, filter, qos));
    byte[] suback = socket.getInputStream().readNBytes(5);
    if (suback.length < 5 || suback[0] != (byte) (Frames.SUBACK << 4) || suback[4] < 0) {
      throw new IOException("subscription to " + filter + " refused");
    }
    return this;
  }

  static void publish(ByteBuf out, String topic, byte[] payload, int qos, int packetId) {
    Frames.publish(out, VERSION, topic, payload, qos, false, false, packetId);
  }

  static void retain(ByteBuf out, String topic, byte[] payload, int packetId) {
    Frames.publish(out, VERSION, topic, payload, 1, false, true, packetId);
  }

  static void subscribe(ByteBuf out, int packetId, String filter) {
    Frames.subscribe(out, VERSION, packetId, filter, 1);
  }

  /** Writes what is put into the buffer; blocks while the broker takes nothing. */
  void send(Consumer<ByteBuf> frames) throws IOException {
    ByteBuf buffer = Unpooled.buffer(256);
    frames.accept(buffer);
    write(buffer.array(), buffer.readableBytes());
  }

  void write(byte[] bytes, int length) throws IOException {
    synchronized (out) {
      out.write(bytes, 0, length);
    }
  }

  /** Reads until the connection ends; answers QoS 1 and 2 of the broker and of this client. */
  void read(FrameHandler handler) throws IOException {
    byte[] bytes = new byte[64 * 1024];
    ByteBuf in = Unpooled.wrappedBuffer(bytes);
    ByteBuf answers = Unpooled.buffer(4096);
    FrameScanner scanner =
        new FrameScanner(
            (header, frame, from, to) -> {
              answer(header, frame, from, answers);
              handler.frame(header, frame, from, to);
            });
    for (int n = socket.getInputStream().read(bytes);
        n >= 0;
        n = socket.getInputStream().read(bytes)) {
      scanner.scan(in.setIndex(0, n));
      if (answers.isReadable()) {
        write(answers.array(), answers.readableBytes());
        answers.clear();
      }
    }
  }

  private static void answer(int header, ByteBuf frame, int from, ByteBuf answers) {
    switch (Inbound.type(header)) {
      case Frames.PUBREC -> Frames.ack(answers, Frames.PUBREL, frame.getUnsignedShort(from));
      case Frames.PUBREL -> Frames.ack(answers, Frames.PUBCOMP, frame.getUnsignedShort(from));
      case Frames.PUBLISH -> {
        int qos = Inbound.qos(header);
        if (qos > 0) {
          int packetId = frame.getUnsignedShort(Inbound.afterTopic(frame, from));
          Frames.ack(answers, qos == 1 ? Frames.PUBACK : Frames.PUBREC, packetId);
        }
      }
      default -> {}
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
