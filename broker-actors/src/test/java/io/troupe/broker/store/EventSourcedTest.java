package io.troupe.broker.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.EffectBuilder;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import akka.persistence.typed.javadsl.RetentionCriteria;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The plugins under typed persistent actors, with snapshots and deletion of what they replace. */
class EventSourcedTest {

  /** Adds numbers; answers with the sum. */
  record Add(long number, ActorRef<Long> replyTo) {}

  static final class Summing extends EventSourcedBehavior<Add, Long, Long> {
    private Summing(String id) {
      super(PersistenceId.ofUniqueId(id));
    }

    static Behavior<Add> create(String id) {
      return new Summing(id);
    }

    @Override
    public Long emptyState() {
      return 0L;
    }

    @Override
    public CommandHandler<Add, Long, Long> commandHandler() {
      return newCommandHandlerBuilder()
          .forAnyState()
          .onCommand(
              Add.class,
              add -> {
                EffectBuilder<Long, Long> effect =
                    add.number() == 0 ? Effect().none() : Effect().persist(add.number());
                return effect.thenRun((Long sum) -> add.replyTo().tell(sum));
              })
          .build();
    }

    @Override
    public EventHandler<Long, Long> eventHandler() {
      return newEventHandlerBuilder()
          .forAnyState()
          .onEvent(Long.class, (sum, number) -> sum + number)
          .build();
    }

    @Override
    public RetentionCriteria retentionCriteria() {
      return RetentionCriteria.snapshotEvery(10, 1).withDeleteEventsOnSnapshot();
    }
  }

  @TempDir Path folder;
  private ActorTestKit kit;

  @BeforeEach
  void start() {
    kit = ActorTestKit.create(config());
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private Config config() {
    return StoreTesting.with(
            StoreTesting.config(folder), "reads-max", StoreSettings.READS_MAX_LEAST)
        .withValue("akka.actor.provider", ConfigValueFactory.fromAnyRef("local"))
        .withValue(
            "akka.actor.testkit.typed.single-expect-default", ConfigValueFactory.fromAnyRef("60s"));
  }

  private long add(String id, long... numbers) {
    ActorRef<Add> actor = kit.spawn(Summing.create(id));
    long sum = add(actor, numbers);
    kit.stop(actor);
    return sum;
  }

  private long add(ActorRef<Add> actor, long... numbers) {
    TestProbe<Long> probe = kit.createTestProbe();
    for (long number : numbers) {
      actor.tell(new Add(number, probe.ref()));
    }
    return probe
        .receiveSeveralMessages(numbers.length, StoreTesting.PATIENCE)
        .get(numbers.length - 1);
  }

  @Test
  void stateComesBackFromSnapshotAndLaterEvents() {
    long[] numbers = new long[57];
    java.util.Arrays.fill(numbers, 2);

    assertEquals(114, add("a", numbers));
    assertEquals(114, add("a", 0));
    stop();
    start();

    assertEquals(114, add("a", 0));
    assertEquals(115, add("a", 1));
  }

  @Test
  void eventsBeforeASnapshotAreDeletedFromTheFiles() {
    long[] numbers = new long[200];
    java.util.Arrays.fill(numbers, 1);

    // An actor deletes when its snapshot is stored, which is after its answer.
    ActorRef<Add> actor = kit.spawn(Summing.create("a"));
    add(actor, numbers);

    EmbeddedStore store = EmbeddedStore.share(StoreSettings.from(config()));
    StoreTesting.until("old events are gone", () -> events(store, "a") <= 40);
    store.release();
    kit.stop(actor);
    assertEquals(200, add("a", 0));
  }

  private static int events(EmbeddedStore store, String id) {
    List<byte[]> keys = new ArrayList<>();
    store
        .database()
        .visit(
            rows ->
                rows.forEachKey(
                    Family.EVENTS,
                    Keys.numbered(id, 0),
                    Keys.numbered(id, Long.MAX_VALUE),
                    keys::add));
    return keys.size();
  }

  @Test
  void manyActorsRecoverTogether() {
    int actors = 300;
    for (int round = 1; round <= 2; round++) {
      TestProbe<Long> probe = kit.createTestProbe();
      List<ActorRef<Add>> refs = new ArrayList<>();
      for (int i = 0; i < actors; i++) {
        ActorRef<Add> actor = kit.spawn(Summing.create("client-" + i));
        actor.tell(new Add(i + 1, probe.ref()));
        refs.add(actor);
      }
      long sum = 0;
      for (Long each : probe.receiveSeveralMessages(actors, StoreTesting.PATIENCE)) {
        sum += each;
      }
      assertEquals((long) round * actors * (actors + 1) / 2, sum);
      refs.forEach(kit::stop);
    }
  }
}
