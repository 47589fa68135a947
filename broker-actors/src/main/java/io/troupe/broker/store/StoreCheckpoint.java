package io.troupe.broker.store;

import java.nio.file.Path;

/**
 * All of a store as it was at one moment, in a folder beside it; most of its files are the store's
 * own ones by a second name, so it costs no space as long as they stay. Closing removes it.
 *
 * @param commit the number of the last commit before it was asked for: it holds this one and all
 *     before, and whatever of later ones was there
 */
public record StoreCheckpoint(Path folder, long commit, Runnable onClose) implements AutoCloseable {
  @Override
  public void close() {
    onClose.run();
  }
}
