package io.troupe.broker;

/** The broker cannot start; the message says why and what to do. */
public final class BrokerStartException extends Exception {
  private static final long serialVersionUID = 1L;

  public BrokerStartException(String message, Throwable cause) {
    super(message, cause);
  }
}
