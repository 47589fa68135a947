package io.troupe.broker.session;

import io.troupe.broker.directory.ClientRecord;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the directory keeps of one session: told again until it is stored, since the shards of the
 * directory drop what comes while they move to another node. Owned by the session's actor.
 */
final class DirectoryEntry {
  private static final Duration REPEAT_AFTER = Duration.ofSeconds(1);

  private final SessionShell shell;
  private @Nullable ClientRecord wanted;
  private long lastRequest;

  /** What is not stored yet; 0: nothing. Answers to earlier requests mean nothing. */
  private long open;

  DirectoryEntry(SessionShell shell) {
    this.shell = shell;
  }

  /** Replaces what was; returns the request that {@link #stored} will name. */
  long put(ClientRecord client) {
    wanted = client;
    open = ++lastRequest;
    repeat();
    return open;
  }

  void remove() {
    stored(open);
    shell.surroundings.removeFromDirectory(shell.clientId);
  }

  void stored(long requestId) {
    if (requestId == open) {
      open = 0;
      wanted = null;
      shell.cancelRepeatDirectory();
    }
  }

  boolean isStored() {
    return open == 0;
  }

  /** Tells it, again if need be. */
  void repeat() {
    ClientRecord client = wanted;
    if (client != null) {
      shell.tellDirectory(client, open, REPEAT_AFTER);
    }
  }
}
