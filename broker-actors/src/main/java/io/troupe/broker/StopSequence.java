package io.troupe.broker;

import akka.actor.typed.ActorSystem;
import io.troupe.broker.config.DrainConfig;
import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.connection.Connections;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.MqttListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a node stops, step by step, each bounded in time: first its clients leave, at a pace at which
 * the other nodes can take them, then what it owns is handed over.
 *
 * <p>On the thread that stops the broker.
 */
final class StopSequence {
  private static final Logger LOG = LoggerFactory.getLogger(StopSequence.class);
  private static final Duration CONNECTIONS_CLOSE_WITHIN = Duration.ofSeconds(5);
  private static final Duration ACTORS_STOP_WITHIN = Duration.ofSeconds(25);
  private static final Duration STEP = Duration.ofMillis(50);

  private final DrainConfig drain;

  StopSequence(DrainConfig drain) {
    this.drain = drain;
  }

  /**
   * All clients leave.
   *
   * @param othersServe whether there are other nodes for them; otherwise they leave at once, as
   *     nothing is gained by a pace
   */
  void letClientsGo(List<MqttListener> listeners, Connections connections, boolean othersServe) {
    if (othersServe) {
      LockSupport.parkNanos(drain.notice().toNanos());
    }
    listeners.forEach(MqttListener::close);
    ReasonCode reason =
        drain.serverReference() == null
            ? ReasonCode.SERVER_SHUTTING_DOWN
            : ReasonCode.USE_ANOTHER_SERVER;
    if (othersServe) {
      List<? extends ConnectionPort> clients = connections.all();
      atPace(drain, clients.size(), number -> clients.get(number).close(reason));
    } else {
      connections.closeAll(reason);
    }
    waitUntil(() -> connections.count() == 0, CONNECTIONS_CLOSE_WITHIN);
    listeners.forEach(MqttListener::closeConnections);
    waitUntil(() -> connections.count() == 0, CONNECTIONS_CLOSE_WITHIN);
  }

  /** Ends each of so many clients, by its number, when it is due. */
  static void atPace(DrainConfig drain, int clients, IntConsumer end) {
    long start = System.nanoTime();
    int done = 0;
    while (done < clients) {
      LockSupport.parkNanos(STEP.toNanos());
      int due = drain.due(clients, Duration.ofNanos(System.nanoTime() - start));
      for (; done < due; done++) {
        end.accept(done);
      }
    }
  }

  /** Sessions store their last state, shards go to other nodes, this node leaves the cluster. */
  void leave(ActorSystem<?> actors) {
    actors.terminate();
    try {
      actors
          .getWhenTerminated()
          .toCompletableFuture()
          .get(ACTORS_STOP_WITHIN.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("The actor system did not stop within {} s", ACTORS_STOP_WITHIN.toSeconds(), e);
    }
  }

  private static void waitUntil(BooleanSupplier condition, Duration limit) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }
}
