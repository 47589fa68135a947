package io.troupe.http;

import akka.actor.typed.ActorSystem;
import io.troupe.broker.cluster.ClusterView;
import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.Totals;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.broker.store.StoreHealth;
import io.troupe.protocol.transport.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What the program and the administration server need of a broker that runs. Thread-safe. */
public interface RunningBroker {

  /**
   * A place where clients connect.
   *
   * @param address as bound, with the real port
   */
  record Listener(String name, Transport transport, InetSocketAddress address) {}

  /** For what runs beside the broker in its node. */
  ActorSystem<?> system();

  /** Empty once it stops. */
  List<Listener> listeners();

  StoreHealth storeHealth();

  /**
   * All that is stored on this node, for a backup; to be closed.
   *
   * @throws BackupException when it cannot be had, or is stored elsewhere
   */
  StoreCheckpoint checkpoint() throws BackupException;

  /** The cluster as this node sees it now. */
  ClusterView cluster();

  /** What it counts. */
  BrokerMetrics metrics();

  /** What all nodes of the cluster have counted together. */
  Totals clusterTotals();

  /** From the first call on no new clients; done when everything is stored and closed. */
  CompletionStage<?> stop();

  /** Done when the actor system has ended, whoever ended it. */
  CompletionStage<?> terminated();
}
