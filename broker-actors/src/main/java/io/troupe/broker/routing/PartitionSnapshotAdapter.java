package io.troupe.broker.routing;

import akka.persistence.typed.SnapshotAdapter;

/** Turns the state into bytes while the actor stands still, and back. */
final class PartitionSnapshotAdapter implements SnapshotAdapter<PartitionState> {
  private final int partition;

  PartitionSnapshotAdapter(int partition) {
    this.partition = partition;
  }

  @Override
  public Object toJournal(PartitionState state) {
    return PartitionCodec.snapshot(state);
  }

  @Override
  public PartitionState fromJournal(Object from) {
    return PartitionCodec.restore((PartitionSnapshot) from, partition);
  }
}
