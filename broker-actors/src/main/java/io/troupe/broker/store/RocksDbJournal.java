package io.troupe.broker.store;

import akka.actor.ActorRef;
import akka.dispatch.Futures;
import akka.japi.pf.ReceiveBuilder;
import akka.persistence.AtomicWrite;
import akka.persistence.PersistentRepr;
import akka.persistence.journal.japi.AsyncWriteJournal;
import akka.serialization.SerializationExtension;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import scala.PartialFunction;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.BoxedUnit;

/**
 * Akka's journal in the node's {@link EmbeddedStore}; plugin id {@code troupe.store.journal}.
 *
 * <p>All events that wait for the group commit are stored with one fsync. An atomic write with an
 * event that cannot be serialised is rejected, the others of its batch are stored. Sequence numbers
 * are never used again, even when all events are deleted: the head row remembers the highest.
 */
public final class RocksDbJournal extends AsyncWriteJournal {
  /** Work that is to be done after everything this journal was asked before. */
  private record Afterwards(Runnable work) {}

  private final EmbeddedStore store;
  private final EventRecordSerializer records;

  /** Writes under way by persistence id: reading the highest number waits for them. */
  private final ConcurrentHashMap<String, Integer> underWay = new ConcurrentHashMap<>();

  /** About what an event takes, to know how much a deletion frees. */
  private volatile int rowBytes = 256;

  public RocksDbJournal() {
    store = EmbeddedStore.share(StoreSettings.from(context().system().settings().config()));
    ActorRef self = self();
    store.behindJournal(work -> self.tell(new Afterwards(work), ActorRef.noSender()));
    records =
        new EventRecordSerializer(
            new PayloadSerializer(SerializationExtension.get(context().system())));
  }

  @Override
  public void postStop() throws Exception {
    store.release();
    super.postStop();
  }

  @Override
  public PartialFunction<Object, BoxedUnit> receivePluginInternal() {
    return ReceiveBuilder.create()
        .match(Afterwards.class, after -> after.work.run())
        .build()
        .onMessage();
  }

  @Override
  public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(
      Iterable<AtomicWrite> messages) {
    Mutations batch = new Mutations(1_024);
    int events = 0;
    List<Optional<Exception>> results = new ArrayList<>();
    Set<String> persistenceIds = new HashSet<>();
    for (AtomicWrite write : messages) {
      try {
        batch.add(records.encode(CollectionConverters.asJava(write.payload())));
        persistenceIds.add(write.persistenceId());
        events += write.size();
        results.add(Optional.empty());
      } catch (Exception e) {
        results.add(Optional.of(e));
      }
    }
    if (batch.isEmpty()) {
      return Futures.successful(results);
    }
    rowBytes = batch.size() / events;
    persistenceIds.forEach(id -> underWay.merge(id, 1, Integer::sum));
    return ScalaFutures.of(
        store
            .committer()
            .submit(batch, true)
            .whenComplete((done, problem) -> persistenceIds.forEach(this::writeEnded))
            .thenApply(done -> results));
  }

  @Override
  public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
    return ScalaFutures.of(
        store
            .deletions()
            .submit(
                persistenceId, toSequenceNr, (to, round) -> deleteTo(persistenceId, to, round)));
  }

  @Override
  public Future<Void> doAsyncReplayMessages(
      String persistenceId,
      long fromSequenceNr,
      long toSequenceNr,
      long max,
      Consumer<PersistentRepr> replayCallback) {
    Runnable replaying =
        () ->
            store
                .database()
                .visit(
                    rows ->
                        replay(
                            rows,
                            persistenceId,
                            fromSequenceNr,
                            toSequenceNr,
                            max,
                            replayCallback));
    return ScalaFutures.of(store.readers().submit(replaying));
  }

  @Override
  public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long fromSequenceNr) {
    Supplier<Long> reading =
        () -> store.database().read(rows -> highestSequenceNr(rows, persistenceId));
    CompletionStage<Void> decided =
        underWay.containsKey(persistenceId)
            ? store.committer().barrier()
            : CompletableFuture.completedStage(null);
    return ScalaFutures.of(decided.thenCompose(done -> store.readers().submit(reading)));
  }

  private void writeEnded(String persistenceId) {
    underWay.computeIfPresent(persistenceId, (id, writes) -> writes == 1 ? null : writes - 1);
  }

  private void replay(
      Rows rows,
      String persistenceId,
      long fromSequenceNr,
      long toSequenceNr,
      long max,
      Consumer<PersistentRepr> replayCallback)
      throws RocksDBException {
    byte[] from = Keys.numbered(persistenceId, Math.max(1, fromSequenceNr));
    try (RocksIterator iterator = rows.ascending(Family.EVENTS, from)) {
      for (long replayed = 0; replayed < max && iterator.isValid(); replayed++) {
        byte[] key = iterator.key();
        if (!Keys.sameOwner(key, from) || Keys.number(key) > toSequenceNr) {
          break;
        }
        replayCallback.accept(records.decode(persistenceId, key, iterator.value()));
        iterator.next();
      }
      iterator.status();
    }
  }

  private static long highestSequenceNr(Rows rows, String persistenceId) throws RocksDBException {
    Head head = Head.read(rows, Keys.journalHead(persistenceId));
    byte[] next = Keys.numbered(persistenceId, head.deletedTo() + 1);
    try (RocksIterator iterator = rows.ascending(Family.EVENTS, next)) {
      if (!iterator.isValid() || !Keys.sameOwner(iterator.key(), next)) {
        iterator.status();
        return head.deletedTo();
      }
    }
    byte[] end = Keys.withNumber(next, Long.MAX_VALUE);
    try (RocksIterator iterator = rows.descending(Family.EVENTS, end)) {
      iterator.status();
      return Keys.number(iterator.key());
    }
  }

  private void deleteTo(String persistenceId, long toSequenceNr, Deletions.Round round) {
    byte[] headKey = Keys.journalHead(persistenceId);
    store
        .database()
        .visit(
            rows -> {
              long from = Head.read(rows, headKey).deletedTo() + 1;
              long to = Math.min(toSequenceNr, highestSequenceNr(rows, persistenceId));
              if (to >= from) {
                long bytes = (to - from + 1) * rowBytes;
                round.deleteRows(Family.EVENTS, Keys.numbered(persistenceId, from), to, bytes);
                new Head(to, 0).addTo(round.batch(), headKey);
              }
            });
  }
}
