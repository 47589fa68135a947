package io.troupe.loadtest.check;

import java.net.InetSocketAddress;

/**
 * The broker under test. One that runs already has an address only; one that the run owns can also
 * be stopped and started, with the same data and address each time.
 */
public interface BrokerControl extends AutoCloseable {
  /** Where clients connect; valid after {@link #start}. */
  InetSocketAddress address();

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
