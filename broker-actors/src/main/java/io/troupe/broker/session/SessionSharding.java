package io.troupe.broker.session;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.troupe.broker.partition.StoppingSharding;

/** Client sessions in the cluster: one entity for each client identifier. */
public final class SessionSharding {
  public static final EntityTypeKey<ClientSessionActor.Command> KEY =
      EntityTypeKey.create(ClientSessionActor.Command.class, "Session");

  private final ClusterSharding sharding;
  private final StoppingSharding stopping;

  private SessionSharding(ClusterSharding sharding, StoppingSharding stopping) {
    this.sharding = sharding;
    this.stopping = stopping;
  }

  /** The sessions of a cluster, before this node can hold any. */
  public static SessionSharding of(ActorSystem<?> system) {
    return new SessionSharding(
        ClusterSharding.get(system), StoppingSharding.first(system, KEY.name()));
  }

  /**
   * Starts the shard region on this node: from now on it holds sessions, and {@link #tell} works.
   */
  public void init(SessionSurroundings surroundings) {
    sharding.init(
        Entity.of(
                KEY,
                entity ->
                    ClientSessionActor.create(
                        entity.getEntityId(),
                        surroundings,
                        entity.getShard(),
                        command -> tell(entity.getEntityId(), command)))
            .withEntityProps(DispatcherSelector.fromConfig("troupe-session-dispatcher"))
            .withStopMessage(new ClientSessionActor.Stop()));
  }

  /**
   * Sends to a client's session, starting it if it is not in memory; nothing once this node stops.
   */
  public void tell(String clientId, ClientSessionActor.Command command) {
    if (!stopping.isSilent()) {
      sharding.entityRefFor(KEY, clientId).tell(command);
    }
  }
}
