package io.troupe.broker.partition;

import akka.actor.Props;
import akka.actor.typed.javadsl.Adapter;
import akka.persistence.AbstractPersistentActor;
import akka.persistence.DeleteMessagesFailure;
import akka.persistence.DeleteMessagesSuccess;
import akka.persistence.DeleteSnapshotsFailure;
import akka.persistence.DeleteSnapshotsSuccess;
import akka.persistence.Recovery;
import akka.persistence.RecoveryCompleted;
import akka.persistence.SnapshotSelectionCriteria;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes what a snapshot has made superfluous: the events up to it and the snapshots before it.
 *
 * <p>An {@code EventSourcedBehavior} does this itself only after a snapshot due to a fixed number
 * of events. Our partitions take snapshots when it pays, so they leave the rest to this actor. It
 * reads no events and writes none, and stops when done. What could not be deleted is deleted after
 * the next snapshot.
 */
public final class PastDeletionActor extends AbstractPersistentActor {
  private static final Logger LOG = LoggerFactory.getLogger(PastDeletionActor.class);

  private final String persistenceId;
  private final long snapshotSequenceNr;

  private PastDeletionActor(String persistenceId, long snapshotSequenceNr) {
    this.persistenceId = persistenceId;
    this.snapshotSequenceNr = snapshotSequenceNr;
  }

  /**
   * Deletes in the background.
   *
   * @param owner the actor of this persistence id
   * @param snapshotSequenceNr of a stored snapshot
   */
  public static void deleteBefore(
      akka.actor.typed.javadsl.ActorContext<?> owner,
      String persistenceId,
      long snapshotSequenceNr) {
    Adapter.actorOf(
        owner,
        Props.create(
            PastDeletionActor.class,
            () -> new PastDeletionActor(persistenceId, snapshotSequenceNr)));
  }

  @Override
  public String persistenceId() {
    return persistenceId;
  }

  @Override
  public Recovery recovery() {
    return Recovery.none();
  }

  @Override
  public Receive createReceiveRecover() {
    return receiveBuilder()
        .match(RecoveryCompleted.class, done -> deleteMessages(snapshotSequenceNr))
        .build();
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(DeleteMessagesSuccess.class, done -> deleteOlderSnapshots())
        .match(DeleteMessagesFailure.class, failure -> failed("events", failure.cause()))
        .match(DeleteSnapshotsSuccess.class, done -> context().stop(self()))
        .match(DeleteSnapshotsFailure.class, failure -> failed("snapshots", failure.cause()))
        .build();
  }

  private void deleteOlderSnapshots() {
    if (snapshotSequenceNr > 1) {
      deleteSnapshots(
          SnapshotSelectionCriteria.create(snapshotSequenceNr - 1, Long.MAX_VALUE, 0, 0));
    } else {
      context().stop(self());
    }
  }

  private void failed(String what, Throwable cause) {
    LOG.warn(
        "Old {} of '{}' are not deleted; after the next snapshot they will be: {}",
        what,
        persistenceId,
        cause.getMessage());
    context().stop(self());
  }
}
