package io.troupe.protocol.transport;

import org.jspecify.annotations.Nullable;

/** A listener cannot start; the message says why and what to do about it. */
public final class ListenerException extends Exception {
  private static final long serialVersionUID = 1L;

  ListenerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Why, and what to do. */
  public String advice() {
    return String.valueOf(getMessage());
  }
}
