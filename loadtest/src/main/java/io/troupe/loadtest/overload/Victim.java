package io.troupe.loadtest.overload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A well-behaved client at a steady rate: publishes at QoS 1 to itself, so that a message's time
 * from when it was due until it is back counts both directions.
 */
final class Victim implements Closeable {
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long LATENCY_MAX_NANOS = TimeUnit.MINUTES.toNanos(5);
  private static final int PAYLOAD_BYTES = 64;

  private final WireClient client;
  private final String topic;
  private final Thread writer;
  private final Thread reader;
  private volatile Histogram latencies = empty();
  private volatile boolean running = true;
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private volatile @Nullable IOException failure;

  Victim(InetSocketAddress broker, String name) throws IOException {
    topic = "victim/" + name;
    client = WireClient.connect(broker, "victim-" + name).subscribed(topic, 1);
    writer = thread(this::write, "victim-write");
    reader = thread(this::read, "victim-read");
  }

  private static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static Histogram empty() {
    return new ConcurrentHistogram(LATENCY_MAX_NANOS, 3);
  }

  /** The latencies since this was last called. */
  Histogram take() {
    Histogram taken = latencies;
    latencies = empty();
    return taken;
  }

  /** Messages sent that have not come back. */
  long missing() {
    return sent.get() - received.get();
  }

  /** Why its connection ended, or null: it lives. */
  @Nullable IOException failure() {
    return failure;
  }

  private void write() {
    byte[] payload = new byte[PAYLOAD_BYTES];
    ByteBuf bytes = Unpooled.wrappedBuffer(payload);
    try {
      for (long due = System.nanoTime(); running; due += INTERVAL_NANOS) {
        for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
          LockSupport.parkNanos(due - now);
        }
        bytes.setLong(0, due);
        int packetId = (int) (sent.get() % 60_000) + 1;
        client.send(out -> WireClient.publish(out, topic, payload, 1, packetId));
        sent.incrementAndGet();
      }
    } catch (IOException e) {
      failed(e);
    }
  }

  private void read() {
    try {
      client.read(
          (header, frame, from, to) -> {
            if (Inbound.type(header) == Frames.PUBLISH) {
              int payload = Inbound.payload(ProtocolVersion.V3_1_1, header, frame, from);
              long nanos = System.nanoTime() - frame.getLong(payload);
              latencies.recordValue(Math.min(LATENCY_MAX_NANOS, Math.max(0, nanos)));
              received.incrementAndGet();
            }
          });
      failed(new IOException("the broker has closed the victim's connection"));
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException e) {
    if (running && failure == null) {
      failure = e;
    }
  }

  @Override
  public void close() throws IOException {
    running = false;
    try {
      writer.join(TimeUnit.SECONDS.toMillis(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    client.close();
    reader.interrupt();
  }
}
