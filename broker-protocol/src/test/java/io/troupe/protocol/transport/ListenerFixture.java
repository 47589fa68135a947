package io.troupe.protocol.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.codec.PacketDecoder;
import io.troupe.protocol.codec.PacketEncoder;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A started listener whose handlers record, and clients on plain blocking sockets. */
final class ListenerFixture implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 60_000;

  final EventLoops loops;
  final MqttListener listener;
  final BlockingQueue<RecordingHandler> handlers = new LinkedBlockingQueue<>();

  ListenerFixture(ListenerSettings settings) {
    this(settings, EventLoops.create(1), RecordingHandler::new);
  }

  ListenerFixture(
      ListenerSettings settings,
      EventLoops loops,
      Function<MqttConnection, RecordingHandler> maker) {
    this.loops = loops;
    listener =
        new MqttListener(
            settings,
            loops,
            connection -> {
              RecordingHandler handler = maker.apply(connection);
              handlers.add(handler);
              return handler;
            });
    try {
      listener.start();
    } catch (ListenerException e) {
      loops.close();
      throw new AssertionError(e);
    }
  }

  int port() {
    return listener.boundAddress().getPort();
  }

  /** The handler of the connection accepted next. */
  RecordingHandler handler() throws InterruptedException {
    RecordingHandler handler = handlers.poll(60, TimeUnit.SECONDS);
    if (handler == null) {
      throw new AssertionError("no connection within a minute");
    }
    return handler;
  }

  /** Whether no connection has brought anything that is MQTT. */
  boolean nothingCame() {
    return handlers.stream()
        .flatMap(handler -> handler.events.stream())
        .allMatch(RecordingHandler.CLOSED::equals);
  }

  Client connect() throws IOException {
    return new Client(new Socket(InetAddress.getLoopbackAddress(), port()));
  }

  /** A connection whose first bytes are there when the server looks at it. */
  Client connect(byte... first) throws IOException {
    CountDownLatch sent = new CountDownLatch(1);
    loops.workers().forEach(loop -> loop.execute(() -> hold(sent)));
    try {
      Client client = connect();
      client.send(first);
      return client;
    } finally {
      sent.countDown();
    }
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
  }

  static byte[] encoded(ProtocolVersion version, Packet... packets) {
    ByteBuf out = Unpooled.buffer();
    for (Packet packet : packets) {
      PacketEncoder.encode(packet, version, out);
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** A client that blocks. */
  static final class Client implements Closeable {
    final Socket socket;
    private final ByteBuf received = Unpooled.buffer();

    Client(Socket socket) throws IOException {
      this.socket = socket;
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
    }

    void send(ProtocolVersion version, Packet... packets) {
      send(encoded(version, packets));
    }

    void send(byte... bytes) {
      try {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    Packet receive(ProtocolVersion version) throws IOException, ProtocolViolation {
      PacketDecoder decoder = PacketDecoder.forClient(version, 1 << 20);
      while (true) {
        Packet packet = decoder.decode(received);
        if (packet != null) {
          return packet;
        }
        byte[] bytes = new byte[4096];
        int count = socket.getInputStream().read(bytes);
        if (count < 0) {
          throw new AssertionError("closed by the server");
        }
        received.writeBytes(bytes, 0, count);
      }
    }

    /** Waits until the server has closed; what it sent before is returned. */
    byte[] awaitEnd() throws IOException {
      InputStream in = socket.getInputStream();
      return in.readAllBytes();
    }

    void hangUp() throws IOException {
      socket.close();
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
