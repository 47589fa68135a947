package io.troupe.broker.routing;

/** The parts of a partition, put together. */
final class PartitionParts {
  final PartitionScope scope;
  final QueueLoads loads;
  final ReadStage reads;
  final SharedStage shared;
  final AppendStage appends;
  final SubscriptionChanges changes;
  final Upkeep upkeep;

  PartitionParts(PartitionScope scope) {
    this.scope = scope;
    this.loads = new QueueLoads(scope);
    this.reads = new ReadStage(scope, loads);
    this.shared = new SharedStage(scope, loads, reads);
    this.appends = new AppendStage(scope, loads, reads, shared);
    this.changes = new SubscriptionChanges(scope, loads, reads, shared);
    this.upkeep = new Upkeep(this);
  }
}
