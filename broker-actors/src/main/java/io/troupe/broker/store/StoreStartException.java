package io.troupe.broker.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The store cannot be opened. The message is for the operator: what is wrong and what to do. */
public final class StoreStartException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public StoreStartException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  public StoreStartException(String message) {
    this(message, null);
  }
}
