package io.troupe.broker.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * The store could not write or fsync, or is closed. What was asked for must be taken as not stored.
 * The store tries to recover by itself; {@link StoreHealth} tells its state.
 */
public final class StoreUnavailableException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public StoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
