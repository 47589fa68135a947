package io.troupe.broker.session;

import akka.actor.typed.ActorSystem;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;

/** Client sessions in the cluster: one entity for each client identifier. */
public final class SessionSharding {
  public static final EntityTypeKey<ClientSessionActor.Command> KEY =
      EntityTypeKey.create(ClientSessionActor.Command.class, "Session");

  private final ClusterSharding sharding;

  private SessionSharding(ClusterSharding sharding) {
    this.sharding = sharding;
  }

  /** The sessions of a cluster, before this node can hold any. */
  public static SessionSharding of(ActorSystem<?> system) {
    return new SessionSharding(ClusterSharding.get(system));
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
                        sharding.entityRefFor(KEY, entity.getEntityId())::tell))
            .withStopMessage(new ClientSessionActor.Stop()));
  }

  /** Sends to a client's session, starting it if it is not in memory. */
  public void tell(String clientId, ClientSessionActor.Command command) {
    sharding.entityRefFor(KEY, clientId).tell(command);
  }
}
