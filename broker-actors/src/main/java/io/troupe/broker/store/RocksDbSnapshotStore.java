package io.troupe.broker.store;

import akka.persistence.SelectedSnapshot;
import akka.persistence.SnapshotMetadata;
import akka.persistence.SnapshotSelectionCriteria;
import akka.persistence.snapshot.japi.SnapshotStore;
import akka.serialization.SerializationExtension;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;
import scala.concurrent.Future;

/**
 * Akka's snapshot store in the node's {@link EmbeddedStore}; plugin id {@code
 * troupe.store.snapshot}. A snapshot is one row (persistence id, sequence number); another one of
 * the same number replaces it. Nothing is deleted that was not asked to be.
 *
 * <p>A damaged snapshot is passed over with a warning when an older one, or none at all, leads to
 * the same state because the journal still has the events since; otherwise loading fails.
 *
 * <p>Row, version 1: {@code version (1) flags (1) timestamp (8) snapshot [metadata]}, objects as
 * {@link PayloadSerializer} writes them.
 */
public final class RocksDbSnapshotStore extends SnapshotStore {
  private static final Logger LOG = LoggerFactory.getLogger(RocksDbSnapshotStore.class);
  private static final int VERSION = 1;
  private static final int METADATA = 1;
  private static final int FIXED_BYTES = 1 + 1 + 8;

  private final EmbeddedStore store;
  private final PayloadSerializer payloads;

  public RocksDbSnapshotStore() {
    store = EmbeddedStore.share(StoreSettings.from(context().system().settings().config()));
    payloads = new PayloadSerializer(SerializationExtension.get(context().system()));
  }

  @Override
  public void postStop() throws Exception {
    store.release();
    super.postStop();
  }

  @Override
  public Future<Optional<SelectedSnapshot>> doLoadAsync(
      String persistenceId, SnapshotSelectionCriteria criteria) {
    return ScalaFutures.of(
        store
            .readers()
            .submit(() -> store.database().read(rows -> load(rows, persistenceId, criteria))));
  }

  @Override
  public Future<Void> doSaveAsync(SnapshotMetadata metadata, Object snapshot) {
    Mutations batch = new Mutations(4_096);
    try {
      addTo(batch, metadata, snapshot);
    } catch (Exception e) {
      return akka.dispatch.Futures.failed(e);
    }
    return ScalaFutures.of(store.committer().submit(batch, true));
  }

  @Override
  public Future<Void> doDeleteAsync(SnapshotMetadata metadata) {
    long timestamp = metadata.timestamp();
    SnapshotSelectionCriteria exactly =
        SnapshotSelectionCriteria.create(
            metadata.sequenceNr(),
            timestamp == 0 ? Long.MAX_VALUE : timestamp,
            metadata.sequenceNr(),
            timestamp);
    return doDeleteAsync(metadata.persistenceId(), exactly);
  }

  @Override
  public Future<Void> doDeleteAsync(String persistenceId, SnapshotSelectionCriteria criteria) {
    return ScalaFutures.of(
        store
            .readers()
            .submit(() -> store.database().read(rows -> deletions(rows, persistenceId, criteria)))
            .thenCompose(batch -> store.committer().submit(batch, false)));
  }

  private void addTo(Mutations batch, SnapshotMetadata metadata, Object snapshot) throws Exception {
    PayloadSerializer.Encoded encoded = payloads.encode(snapshot);
    PayloadSerializer.@Nullable Encoded extra =
        metadata.metadata().isDefined() ? payloads.encode(metadata.metadata().get()) : null;
    batch.startPut(
        Family.SNAPSHOTS,
        Keys.numbered(metadata.persistenceId(), metadata.sequenceNr()),
        FIXED_BYTES + encoded.size() + (extra == null ? 0 : extra.size()));
    batch.int8(VERSION);
    batch.int8(extra == null ? 0 : METADATA);
    batch.int64(metadata.timestamp());
    encoded.addTo(batch);
    if (extra != null) {
      extra.addTo(batch);
    }
    batch.seal();
  }

  private Optional<SelectedSnapshot> load(
      Rows rows, String persistenceId, SnapshotSelectionCriteria criteria) throws RocksDBException {
    byte[] lowest = Keys.numbered(persistenceId, Math.max(0, criteria.minSequenceNr()));
    if (!hasAny(rows, lowest)) {
      return Optional.empty();
    }
    StoreDamagedException damage = null;
    byte[] highest = Keys.withNumber(lowest, criteria.maxSequenceNr());
    try (RocksIterator iterator = rows.descending(Family.SNAPSHOTS, highest)) {
      while (iterator.isValid() && isFrom(lowest, iterator.key())) {
        byte[] key = iterator.key();
        Optional<SelectedSnapshot> found = Optional.empty();
        try {
          found = decode(persistenceId, key, iterator.value(), criteria);
        } catch (StoreDamagedException e) {
          LOG.warn("Passing over a snapshot of '{}': {}", persistenceId, e.getMessage());
          damage = damage == null ? e : damage;
        }
        if (found.isPresent()) {
          requireEventsSince(rows, persistenceId, Keys.number(key), damage);
          return found;
        }
        iterator.prev();
      }
      iterator.status();
    }
    requireEventsSince(rows, persistenceId, 0, damage);
    return Optional.empty();
  }

  private static boolean hasAny(Rows rows, byte[] lowest) throws RocksDBException {
    try (RocksIterator iterator = rows.ascending(Family.SNAPSHOTS, lowest)) {
      boolean found = iterator.isValid() && isFrom(lowest, iterator.key());
      iterator.status();
      return found;
    }
  }

  private static boolean isFrom(byte[] lowest, byte[] key) {
    return Keys.sameOwner(lowest, key) && Keys.number(key) >= Keys.number(lowest);
  }

  /** Whether the journal leads from an older snapshot to the state that the damaged one held. */
  private static void requireEventsSince(
      Rows rows, String persistenceId, long sequenceNr, @Nullable StoreDamagedException damage)
      throws RocksDBException {
    if (damage == null) {
      return;
    }
    long deletedTo = Head.read(rows, Keys.journalHead(persistenceId)).deletedTo();
    if (deletedTo > sequenceNr) {
      throw new StoreDamagedException(
          damage.getMessage()
              + "; it cannot be replaced, because the events up to "
              + deletedTo
              + " that it stood for are deleted. Restore the store's folder from its backup.",
          damage);
    }
  }

  private Optional<SelectedSnapshot> decode(
      String persistenceId, byte[] key, byte[] value, SnapshotSelectionCriteria criteria) {
    long sequenceNr = Keys.number(key);
    String what = "snapshot " + sequenceNr + " of '" + persistenceId + "'";
    ByteBuffer content = SealedValue.open(what, key, value, VERSION);
    int flags = content.get();
    long timestamp = content.getLong();
    if (!matches(criteria, timestamp)) {
      return Optional.empty();
    }
    Object snapshot = payloads.decode(what, content);
    Option<Object> extra =
        (flags & METADATA) == 0
            ? Option.empty()
            : Option.apply(payloads.decode(what + ", metadata", content));
    SnapshotMetadata metadata = SnapshotMetadata.apply(persistenceId, sequenceNr, timestamp, extra);
    return Optional.of(SelectedSnapshot.create(metadata, snapshot));
  }

  private Mutations deletions(Rows rows, String persistenceId, SnapshotSelectionCriteria criteria)
      throws RocksDBException {
    Mutations batch = new Mutations(256);
    byte[] lowest = Keys.numbered(persistenceId, Math.max(0, criteria.minSequenceNr()));
    try (RocksIterator iterator = rows.ascending(Family.SNAPSHOTS, lowest)) {
      while (iterator.isValid()) {
        byte[] key = iterator.key();
        if (!Keys.sameOwner(lowest, key) || Keys.number(key) > criteria.maxSequenceNr()) {
          break;
        }
        byte[] value = iterator.value();
        if (matches(criteria, timestamp(value))) {
          batch.delete(Family.SNAPSHOTS, key);
          store.reclaimer().deleted(Family.SNAPSHOTS, value.length);
        }
        iterator.next();
      }
      iterator.status();
    }
    return batch;
  }

  /** Read without its checksum: also damaged snapshots can be deleted. */
  private static long timestamp(byte[] value) {
    return value.length < FIXED_BYTES ? 0 : BigEndian.getLong(value, 2);
  }

  private static boolean matches(SnapshotSelectionCriteria criteria, long timestamp) {
    return timestamp <= criteria.maxTimestamp() && timestamp >= criteria.minTimestamp();
  }
}
