package io.troupe.broker.connection;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import io.netty.channel.EventLoop;
import io.troupe.protocol.packet.ReasonCode;
import java.util.List;

/** The mail address of one event loop: answers to what its connections published. */
public final class IngressActor {
  private IngressActor() {}

  /** Hands every answer to the event loop. */
  static Behavior<Command> create(EventLoop loop, ReadCycle cycle) {
    return Behaviors.receiveMessage(
        answer -> {
          loop.execute(() -> cycle.onAnswer(answer));
          return Behaviors.same();
        });
  }

  /** What an event loop's address takes. */
  public sealed interface Command {}

  /**
   * The batch is stored.
   *
   * @param results per entry, SUCCESS or why it was refused; empty if all succeeded
   */
  public record Appended(long batchId, int partition, List<ReasonCode> results)
      implements Command {}

  /** The batch could not be stored; its publishers get no acknowledgement and are disconnected. */
  public record AppendFailed(long batchId, int partition, String reason) implements Command {}

  /**
   * The retained messages of the batch are stored.
   *
   * @param results per message, SUCCESS or QUOTA_EXCEEDED; empty if all succeeded
   */
  public record RetainedStored(long batchId, int partition, List<ReasonCode> results)
      implements Command {}

  /** The batch could not be stored; its publishers get no acknowledgement and are disconnected. */
  public record RetainFailed(long batchId, int partition, String reason) implements Command {}

  /** A topic that the route cache did not know can be matched now. */
  public record RouteReady(String topic) implements Command {}
}
