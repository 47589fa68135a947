package io.troupe.broker.partition;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/**
 * Gives an event-sourced actor its commands in turns: while it recovers, writes or takes a
 * snapshot, commands gather here, and then it gets many at once, to be written as one event.
 *
 * <p>So the stash of {@code EventSourcedBehavior} stays empty. It must: emptying it takes a dozen
 * stack frames for each command that writes nothing, and about a thousand of these end the process
 * with a stack overflow. Nothing is dropped here either; those who send bound what is on the way.
 *
 * <p>The actor calls {@link #ended} when it has recovered and after every turn, {@link #again} with
 * what a failed write has left undone, and {@link #apart} when the turn itself failed. Everything
 * happens on the actor's thread.
 *
 * @param <C> what the actor takes
 */
public final class TurnsActor<C> {
  private final ActorRef<C> self;
  private final Class<C> commands;
  private final Function<List<C>, C> turn;
  private final C go;
  private final ToIntFunction<C> weight;
  private final int weightMax;
  private final Deque<C> waiting = new ArrayDeque<>();
  private boolean busy = true;

  /** How many of those waiting get a turn of their own, since one of them fails. */
  private int alone;

  /**
   * @param self the actor
   * @param turn makes the command that carries a turn
   * @param go a command that the actor itself never sees
   * @param weight of a command, in units of its owner
   * @param weightMax how much a turn takes before it is full; it has at least one command
   */
  public TurnsActor(
      ActorRef<C> self,
      Class<C> commands,
      Function<List<C>, C> turn,
      C go,
      ToIntFunction<C> weight,
      int weightMax) {
    this.self = self;
    this.commands = commands;
    this.turn = turn;
    this.go = go;
    this.weight = weight;
    this.weightMax = weightMax;
  }

  /** The event-sourced behavior with this before it. */
  public Behavior<C> around(Behavior<C> eventSourced) {
    return Behaviors.intercept(Gate::new, eventSourced);
  }

  /** The actor is ready for its next turn. */
  public void ended() {
    busy = false;
    if (!waiting.isEmpty()) {
      self.tell(go);
    }
  }

  /** Puts commands back before all others; for what must be done again after a failed write. */
  public void again(List<C> undone) {
    busy = true;
    for (int i = undone.size() - 1; i >= 0; i--) {
      waiting.addFirst(undone.get(i));
    }
  }

  /**
   * Puts back the commands of a turn that failed by a mistake of ours. From then on they come one
   * by one, and the one that fails alone is left out.
   *
   * @return what is left out, and will get no answer otherwise: nothing or one command
   */
  public List<C> apart(List<C> undone) {
    busy = true;
    if (undone.size() <= 1) {
      return undone;
    }
    again(undone);
    alone += undone.size();
    return List.of();
  }

  /** Takes what waits, when the actor stops. */
  public List<C> takeAll() {
    alone = 0;
    List<C> all = new ArrayList<>(waiting);
    waiting.clear();
    return all;
  }

  private C next() {
    List<C> taken = new ArrayList<>();
    if (alone > 0) {
      alone--;
      taken.add(waiting.remove());
      return turn.apply(taken);
    }
    long sum = 0;
    while (!waiting.isEmpty() && sum < weightMax) {
      C command = waiting.remove();
      taken.add(command);
      sum += weight.applyAsInt(command);
    }
    return turn.apply(taken);
  }

  /** Sees every command before the actor; answers of the journal pass it by. */
  private final class Gate extends BehaviorInterceptor<C, C> {

    Gate() {
      super(commands);
    }

    @Override
    public Behavior<C> aroundReceive(
        TypedActorContext<C> context, C command, ReceiveTarget<C> actor) {
      if (!command.equals(go)) {
        waiting.add(command);
      }
      if (busy || waiting.isEmpty()) {
        return Behaviors.same();
      }
      busy = true;
      return actor.apply(context, next());
    }
  }
}
