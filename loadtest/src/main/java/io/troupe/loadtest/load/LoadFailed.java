package io.troupe.loadtest.load;

/** A run that could not be made, with the reason in words. */
public final class LoadFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LoadFailed(String reason) {
    super(reason);
  }
}
