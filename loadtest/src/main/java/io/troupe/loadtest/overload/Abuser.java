package io.troupe.loadtest.overload;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The threads and connections of one abuse; {@link #close} ends them all. */
final class Abuser implements Closeable {
  private final InetSocketAddress broker;
  private final String name;
  private final List<Thread> threads = new ArrayList<>();
  private final List<Closeable> connections = new ArrayList<>();
  private final AtomicLong done = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private volatile boolean running = true;

  /** Work of one thread; it ends by itself once {@link #isRunning} says no. */
  interface Work {
    void run() throws IOException;
  }

  /**
   * @param name unique: for client identifiers and topics
   */
  Abuser(InetSocketAddress broker, String name) {
    this.broker = broker;
    this.name = name;
  }

  InetSocketAddress broker() {
    return broker;
  }

  String name() {
    return name;
  }

  boolean isRunning() {
    return running;
  }

  /** Messages, subscriptions or connections made. */
  void did(long count) {
    done.addAndGet(count);
  }

  long done() {
    return done.get();
  }

  /** How often the broker refused or ended a connection. */
  long failed() {
    return failed.get();
  }

  void refused() {
    failed.incrementAndGet();
  }

  /** Closes it at the end; returns it. */
  <T extends Closeable> T keep(T connection) {
    synchronized (connections) {
      connections.add(connection);
    }
    return connection;
  }

  void forget(Closeable connection) {
    synchronized (connections) {
      connections.remove(connection);
    }
  }

  /** Runs it in a thread of its own. An end of its connection counts as {@link #failed}. */
  void start(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException e) {
                if (running) {
                  refused();
                }
              }
            },
            "abuser-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** Reads and answers whatever comes. */
  void startReading(WireClient client) {
    start(() -> client.read((header, frame, from, to) -> {}));
  }

  @Override
  public void close() {
    running = false;
    List<Closeable> open;
    synchronized (connections) {
      open = List.copyOf(connections);
    }
    for (Closeable connection : open) {
      try {
        connection.close();
      } catch (IOException e) {
        refused();
      }
    }
    for (Thread thread : threads) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(10));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
