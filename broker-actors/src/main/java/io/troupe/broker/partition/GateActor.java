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
import org.jspecify.annotations.Nullable;

/**
 * Keeps the stash of an event-sourced actor short: of the commands that come while it recovers,
 * writes or takes a snapshot, all but a few wait here, in order.
 *
 * <p>{@code EventSourcedBehavior} empties its stash by recursion, a dozen stack frames for each
 * command that writes nothing. About a thousand of these end the process with a stack overflow.
 * {@link TurnsActor} goes further and gives many commands at once.
 *
 * <p>The actor calls {@link #handled} as the first thing in its command handler. Everything happens
 * on the actor's thread. One gate serves one start of one actor; failed writes that the behavior
 * itself recovers from are within that.
 *
 * @param <C> what the actor takes
 */
public final class GateActor<C> {
  private static final int INSIDE_MAX = 64;

  private final ActorRef<C> self;
  private final Class<C> commands;
  private final C go;
  private final Deque<C> waiting = new ArrayDeque<>(0);
  private int inside;
  private boolean goSent;
  private @Nullable C overdue;
  private Runnable whenOverdue = () -> {};

  /**
   * @param self the actor
   * @param go a command that the actor itself never sees
   */
  public GateActor(ActorRef<C> self, Class<C> commands, C go) {
    this.self = self;
    this.commands = commands;
    this.go = go;
  }

  /** The event-sourced behavior with this before it. */
  public Behavior<C> around(Behavior<C> eventSourced) {
    return Behaviors.intercept(Gate::new, eventSourced);
  }

  /**
   * Lets nothing through until {@link #open}: for an actor that answers for those that wait when it
   * cannot recover.
   *
   * @param lasts a command that the actor itself never sees
   * @param work runs when that comes
   */
  public void hold(C lasts, Runnable work) {
    inside = INSIDE_MAX;
    overdue = lasts;
    whenOverdue = work;
  }

  /** Ends {@link #hold}. */
  public void open() {
    inside = 0;
    if (!waiting.isEmpty() && !goSent) {
      goSent = true;
      self.tell(go);
    }
  }

  /** Takes those out that wait and are of a kind, in order. */
  public <T extends C> List<T> take(Class<T> kind) {
    List<T> taken = new ArrayList<>();
    waiting.removeIf(command -> kind.isInstance(command) && taken.add(kind.cast(command)));
    return taken;
  }

  /** A command has reached the actor's handler. */
  public void handled() {
    inside--;
    if (!waiting.isEmpty() && !goSent) {
      goSent = true;
      self.tell(go);
    }
  }

  /** Sees every command before the actor; answers of the journal pass it by. */
  private final class Gate extends BehaviorInterceptor<C, C> {

    Gate() {
      super(commands);
    }

    @Override
    public Behavior<C> aroundReceive(
        TypedActorContext<C> context, C command, ReceiveTarget<C> actor) {
      if (command.equals(go)) {
        goSent = false;
      } else if (command.equals(overdue)) {
        whenOverdue.run();
      } else {
        waiting.add(command);
      }
      if (waiting.isEmpty() || inside >= INSIDE_MAX) {
        return Behaviors.same();
      }
      inside++;
      Behavior<C> next = actor.apply(context, waiting.remove());
      if (!waiting.isEmpty() && inside < INSIDE_MAX && !goSent) {
        goSent = true;
        self.tell(go);
      }
      return next;
    }
  }
}
