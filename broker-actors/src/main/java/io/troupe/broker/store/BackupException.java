package io.troupe.broker.store;

import org.jspecify.annotations.Nullable;

/** A backup cannot be taken or restored; the message tells the operator why and what to do. */
public final class BackupException extends Exception {
  private static final long serialVersionUID = 1L;

  public BackupException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
