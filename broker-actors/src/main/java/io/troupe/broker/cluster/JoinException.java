package io.troupe.broker.cluster;

/** This node did not become a member of its cluster; the message tells a person what to do. */
public final class JoinException extends Exception {
  private static final long serialVersionUID = 1L;

  JoinException(String message, Throwable cause) {
    super(message, cause);
  }
}
