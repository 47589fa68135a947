package io.troupe.broker.partition;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import java.util.ArrayDeque;
import java.util.Deque;

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
