package io.troupe.http.command;

import akka.actor.typed.ActorSystem;
import io.troupe.broker.Broker;
import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.config.ListenerConfig;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.broker.store.StoreHealth;
import io.troupe.http.RunningBroker;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/** The broker as the program and the administration server see it. */
record StartedBroker(Broker broker) implements RunningBroker {
  @Override
  public ActorSystem<?> system() {
    return broker.system();
  }

  @Override
  public List<Listener> listeners() {
    Map<String, InetSocketAddress> addresses = broker.addresses();
    List<Listener> listeners = new ArrayList<>();
    for (ListenerConfig configured : broker.config().listeners()) {
      InetSocketAddress address = addresses.get(configured.name());
      if (address != null) {
        listeners.add(new Listener(configured.name(), configured.transport(), address));
      }
    }
    return listeners;
  }

  @Override
  public StoreHealth storeHealth() {
    return broker.storeHealth();
  }

  @Override
  public StoreCheckpoint checkpoint() throws BackupException {
    return broker.checkpoint();
  }

  @Override
  public ClusterView cluster() {
    return broker.cluster();
  }

  @Override
  public BrokerMetrics metrics() {
    return broker.metrics();
  }

  @Override
  public Totals clusterTotals() {
    return broker.clusterTotals();
  }

  @Override
  public CompletionStage<?> stop() {
    return broker.stop();
  }

  @Override
  public CompletionStage<?> terminated() {
    return broker.system().getWhenTerminated();
  }
}
