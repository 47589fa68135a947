package io.troupe.loadtest.check;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A broker started by a shell command, in which <code>{port}</code> and <code>{data}</code> stand
 * for a free port on 127.0.0.1 and the data directory. Signals go to all processes the command
 * started.
 */
public final class BrokerProcess implements BrokerControl {
  private static final Duration READY_MAX = Duration.ofMinutes(2);
  private static final Duration END_MAX = Duration.ofSeconds(30);

  /** A node first lets its clients and shards go. */
  private static final Duration NODE_END_MAX = Duration.ofSeconds(80);

  private final String command;
  private final Path data;
  private final Path log;
  private final @Nullable PowerVolume volume;
  private final InetSocketAddress address;
  private final Duration endMax;
  private @Nullable Process process;

  /**
   * @param data exists and is empty, or belongs to this broker
   * @param volume mounted at {@code data} by this object, if power is to fail; otherwise null
   */
  public BrokerProcess(String command, Path data, Path log, @Nullable PowerVolume volume) {
    this.command = command;
    this.data = data;
    this.log = log;
    this.volume = volume;
    this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), freePort());
    this.endMax = END_MAX;
    if (volume != null) {
      volume.create();
      volume.mount();
    }
  }

  /**
   * A process of a cluster.
   *
   * @param address where it serves clients; not in the command
   */
  BrokerProcess(InetSocketAddress address, String command, Path data, Path log) {
    this.command = command;
    this.data = data;
    this.log = log;
    this.volume = null;
    this.address = address;
    this.endMax = NODE_END_MAX;
  }

  @Override
  public InetSocketAddress address() {
    return address;
  }

  @Override
  public boolean isOwned() {
    return true;
  }

  /** The process group's first process, for measuring; -1 before the start. */
  public long pid() {
    Process running = process;
    return running == null ? -1 : running.pid();
  }

  @Override
  public void start() throws InterruptedException {
    BrokerProbe.awaitReady(address, READY_MAX, begin()::isAlive);
  }

  @Override
  public void launch() {
    begin();
  }

  private Process begin() {
    String line =
        command
            .replace("{port}", Integer.toString(address.getPort()))
            .replace("{data}", data.toString());
    try {
      Process started =
          new ProcessBuilder("/bin/sh", "-c", line)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
              .start();
      process = started;
      return started;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void kill() throws InterruptedException {
    List<ProcessHandle> all = processes();
    all.forEach(ProcessHandle::destroyForcibly);
    awaitEnd(all);
  }

  @Override
  public void terminate() throws InterruptedException {
    List<ProcessHandle> all = processes();
    all.forEach(ProcessHandle::destroy);
    if (!awaitEnd(all)) {
      kill();
      throw new BrokerFailed(
          "did not end within " + endMax.toSeconds() + " s of SIGTERM; see " + log);
    }
  }

  @Override
  public void pause() {
    signal("-STOP");
  }

  @Override
  public void resume() {
    signal("-CONT");
  }

  @Override
  public void cutPower() throws InterruptedException {
    PowerVolume powered = volume;
    if (powered == null) {
      throw new UnsupportedOperationException("power failure needs --power-image and root");
    }
    powered.cutPower();
    kill();
    powered.unmount();
    powered.mount();
  }

  @Override
  public void stallDisk(int millis) throws InterruptedException {
    PowerVolume frozen = volume;
    if (frozen == null) {
      throw new UnsupportedOperationException("a disk that hangs needs --power-image and root");
    }
    frozen.freeze();
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } finally {
      frozen.thaw();
    }
  }

  @Override
  public boolean isAlive() {
    Process running = process;
    return running != null && running.isAlive();
  }

  @Override
  public void close() {
    try {
      if (process != null) {
        signal("-CONT");
        kill();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      if (volume != null) {
        volume.unmount();
      }
    }
  }

  /** Deletes a data directory and all in it. */
  public static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> all = new ArrayList<>(files.toList());
      for (int i = all.size() - 1; i >= 0; i--) {
        Files.delete(all.get(i));
      }
    }
  }

  private List<ProcessHandle> processes() {
    Process running = process;
    if (running == null) {
      return List.of();
    }
    List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
    all.add(running.toHandle());
    return all;
  }

  private boolean awaitEnd(List<ProcessHandle> all) throws InterruptedException {
    long deadline = System.nanoTime() + endMax.toNanos();
    while (all.stream().anyMatch(ProcessHandle::isAlive)) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    return true;
  }

  private void signal(String signal) {
    for (ProcessHandle handle : processes()) {
      Shell.run("kill", signal, Long.toString(handle.pid()));
    }
  }

  /** Of its last life; -1 while it runs and before the start. */
  int exitCode() {
    Process ended = process;
    return ended == null || ended.isAlive() ? -1 : ended.exitValue();
  }

  static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
