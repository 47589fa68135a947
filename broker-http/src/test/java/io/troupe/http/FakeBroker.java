package io.troupe.http;

import akka.actor.typed.ActorSystem;
import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.broker.store.StoreHealth;
import io.troupe.protocol.transport.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A broker whose state a test sets. */
final class FakeBroker implements RunningBroker {
  final BrokerMetrics metrics = new BrokerMetrics();
  static final List<String> ROLES = List.of("clients", "storage");

  final BrokerMetrics others = new BrokerMetrics();
  final ActorSystem<?> system;
  volatile List<Listener> listeners =
      List.of(
          new Listener(
              "tcp", Transport.TCP, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1883)));
  volatile StoreHealth health = new StoreHealth(StoreHealth.Status.OK, "", 100, 0);

  volatile ClusterView cluster =
      new ClusterView(List.of(new ClusterView.Member("127.0.0.1:2551", "Up", true, true, ROLES)));

  FakeBroker(ActorSystem<?> system) {
    this.system = system;
  }

  @Override
  public ActorSystem<?> system() {
    return system;
  }

  @Override
  public List<Listener> listeners() {
    return listeners;
  }

  @Override
  public StoreHealth storeHealth() {
    return health;
  }

  @Override
  public StoreCheckpoint checkpoint() throws BackupException {
    throw new BackupException("a test's broker stores nothing", null);
  }

  @Override
  public ClusterView cluster() {
    return cluster;
  }

  @Override
  public BrokerMetrics metrics() {
    return metrics;
  }

  @Override
  public Totals clusterTotals() {
    return metrics.totals().plus(others.totals());
  }

  @Override
  public CompletionStage<?> stop() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<?> terminated() {
    return new CompletableFuture<>();
  }
}
