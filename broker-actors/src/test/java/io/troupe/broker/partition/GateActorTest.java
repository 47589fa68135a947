package io.troupe.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.Behaviors;
import akka.persistence.typed.PersistenceId;
import akka.persistence.typed.javadsl.CommandHandler;
import akka.persistence.typed.javadsl.EventHandler;
import akka.persistence.typed.javadsl.EventSourcedBehavior;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GateActorTest extends PersistentActorFixture {
  /** Answers every number; writes those that end with 00. */
  private static final class Counter extends EventSourcedBehavior<Integer, String, Integer> {
    private static final Integer GO = -1;

    private final GateActor<Integer> gate;
    private final ActorRef<Integer> answers;

    static Behavior<Integer> create(ActorRef<Integer> answers) {
      return Behaviors.setup(
          context -> {
            var gate = new GateActor<>(context.getSelf(), Integer.class, GO);
            return gate.around(new Counter(gate, answers));
          });
    }

    private Counter(GateActor<Integer> gate, ActorRef<Integer> answers) {
      super(
          PersistenceId.ofUniqueId("counter"),
          SupervisorStrategy.restartWithBackoff(Duration.ofMillis(100), Duration.ofMillis(100), 0));
      this.gate = gate;
      this.answers = answers;
    }

    @Override
    public Integer emptyState() {
      return 0;
    }

    @Override
    public CommandHandler<Integer, String, Integer> commandHandler() {
      return (state, number) -> {
        gate.handled();
        if (number % 100 == 0) {
          return Effect().persist("" + number).thenRun(stored -> answers.tell(number));
        }
        answers.tell(number);
        return Effect().none();
      };
    }

    @Override
    public EventHandler<Integer, String> eventHandler() {
      return (state, event) -> state + 1;
    }
  }

  private final TestProbe<Integer> answers = testKit.createTestProbe();

  @Test
  void tensOfThousandsOfCommandsDuringARecoveryAreDoneInOrder() {
    ActorRef<Integer> counter = testKit.spawn(Counter.create(answers.getRef()));

    IntStream.range(0, 50_000).forEach(counter::tell);

    List<Integer> done = answers.receiveSeveralMessages(50_000);
    assertEquals(IntStream.range(0, 50_000).boxed().toList(), done);
  }

  @Test
  void afterAFailedWriteTheOthersAreDone() {
    journal.failNextPersisted("counter");
    ActorRef<Integer> counter = testKit.spawn(Counter.create(answers.getRef()));

    IntStream.range(100, 5_000).forEach(counter::tell);
    int first =
        answers.awaitAssert(
            () -> {
              pass(Duration.ofSeconds(1));
              return answers.receiveMessage(Duration.ofMillis(100));
            });

    assertEquals(101, first);
    List<Integer> others = answers.receiveSeveralMessages(4_898);
    assertEquals(IntStream.range(102, 5_000).boxed().toList(), others);
  }
}
