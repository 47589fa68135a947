package io.troupe.broker.store;

import java.io.Serial;

/**
 * More bytes or reads wait for the store than its configuration allows. Nothing was stored; the
 * caller holds back its sources and tries again later.
 */
public final class StoreOverloadedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public StoreOverloadedException(String message) {
    super(message);
  }
}
