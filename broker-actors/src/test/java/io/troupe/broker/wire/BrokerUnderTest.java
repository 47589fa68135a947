package io.troupe.broker.wire;

import akka.actor.typed.ActorSystem;
import io.troupe.broker.Broker;
import io.troupe.broker.BrokerStartException;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.InvalidConfiguration;
import io.troupe.broker.metrics.ActorFailures;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.Totals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A broker of its own data folder on free ports, in this process. */
public final class BrokerUnderTest implements AutoCloseable {
  private final Path dataDir;
  private final Map<String, Object> settings;
  private Broker broker;

  private BrokerUnderTest(Path dataDir, Map<String, Object> settings) {
    this.dataDir = dataDir;
    this.settings = settings;
    this.broker = startBroker(settings);
  }

  /** Starts one in development mode, with these settings on top. */
  public static BrokerUnderTest start(Map<String, ?> settings) {
    try {
      Path dataDir = Files.createTempDirectory("troupe-wire");
      Map<String, Object> all = new HashMap<>();
      all.put("troupe.dev", true);
      all.put("troupe.data-dir", dataDir.toString());
      all.put("troupe.listeners.tcp.port", 0);
      all.put("troupe.listeners.ws.port", 0);
      all.putAll(settings);
      return new BrokerUnderTest(dataDir, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Broker startBroker(Map<String, Object> settings) {
    try {
      return Broker.start(BrokerConfig.of(settings));
    } catch (InvalidConfiguration | BrokerStartException e) {
      throw new AssertionError(e);
    }
  }

  /** Stops it in order and starts it on the same data, on other ports. */
  public void restart() {
    stop();
    broker = startBroker(settings);
  }

  private void stop() {
    broker.stop().toCompletableFuture().join();
  }

  /** Messages dropped for this reason since the start. */
  long dropped(DropReason reason) {
    return Objects.requireNonNull(broker.metrics().totals().dropped().get(reason));
  }

  /** Sessions that outlive their connection. */
  long storedSessions() {
    return broker.metrics().totals().storedSessions();
  }

  /** The folder of its store. */
  Path storeFolder() {
    return broker.config().store().settings().directory();
  }

  /** Actors of this kind that failed since the start. */
  long failures(ActorFailures.Kind kind) {
    return broker.metrics().actorFailures().count(kind);
  }

  /** What all nodes of its cluster have, as far as it has heard. */
  Totals clusterTotals() {
    return broker.clusterTotals();
  }

  /** Listeners that are open. */
  int listeners() {
    return broker.addresses().size();
  }

  ActorSystem<?> system() {
    return broker.system();
  }

  BrokerMetrics metrics() {
    return broker.metrics();
  }

  public int port() {
    return port("tcp");
  }

  public int wsPort() {
    return port("ws");
  }

  /** The port of the listener of this name. */
  public int port(String listener) {
    return Objects.requireNonNull(broker.addresses().get(listener)).getPort();
  }

  @Override
  public void close() {
    stop();
    try (var files = Files.walk(dataDir)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
