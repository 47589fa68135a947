package io.troupe.loadtest.check;

import io.troupe.loadtest.history.NodeLoss;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;

/**
 * The broker under test. One that runs already has an address only; one that the run owns can also
 * be stopped and started, with the same data and address each time.
 */
public interface BrokerControl extends AutoCloseable {
  /** Where clients connect; valid after {@link #start}. */
  InetSocketAddress address();

  /** All addresses that may serve clients; more than one of a cluster. */
  default List<InetSocketAddress> addresses() {
    return List.of(address());
  }

  /** What a fault of one process happens to: this, or a node of the cluster at random. */
  default BrokerControl oneOf(Random random) {
    return this;
  }

  /** Whether the faults of {@link Fault#needsOwnBroker} can be injected. */
  default boolean isOwned() {
    return false;
  }

  /**
   * Starts the broker and waits until it accepts a client.
   *
   * @throws BrokerFailed if it does not in time
   */
  default void start() throws InterruptedException {}

  /** Starts the broker without waiting for anything. */
  default void launch() {
    throw new UnsupportedOperationException("not our broker");
  }

  /** Lets everything that writes to the broker's disk wait for this long. */
  default void stallDisk(int millis) throws InterruptedException {
    throw new UnsupportedOperationException("not our broker");
  }

  default void kill() throws InterruptedException {
    throw new UnsupportedOperationException("not our broker");
  }

  /**
   * Asks the broker to end and waits for it.
   *
   * @throws BrokerFailed if it does not end within 30 seconds
   */
  default void terminate() throws InterruptedException {
    throw new UnsupportedOperationException("not our broker");
  }

  default void pause() {
    throw new UnsupportedOperationException("not our broker");
  }

  default void resume() {
    throw new UnsupportedOperationException("not our broker");
  }

  default void cutPower() throws InterruptedException {
    throw new UnsupportedOperationException("not our broker");
  }

  /** Whether it still runs, as far as can be known. */
  default boolean isAlive() {
    return true;
  }

  /**
   * Looks after it between faults.
   *
   * @throws BrokerFailed if it ended by itself
   */
  default void tend() {
    if (!isAlive()) {
      throw new BrokerFailed("ended by itself");
    }
  }

  /**
   * After a fault: waits until it is what it was before.
   *
   * @throws BrokerFailed if it does not become so
   */
  default void awaitWhole() throws InterruptedException {}

  /** The nodes lost since the last call of which it is known when the others noticed. */
  default List<NodeLoss> takeLosses() {
    return List.of();
  }

  /** What happened since the last call that breaks no promise and is worth knowing. */
  default List<String> takeNotes() {
    return List.of();
  }

  @Override
  default void close() {}

  /** A broker somebody else runs. */
  static BrokerControl running(InetSocketAddress address) {
    return () -> address;
  }

  /** The broker did not start, did not end or ended by itself. */
  final class BrokerFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BrokerFailed(String message) {
      super(message);
    }
  }
}
