package io.troupe.broker.store;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Stored bytes are not what was written: their checksum or their form is wrong. */
public final class StoreDamagedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  StoreDamagedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
