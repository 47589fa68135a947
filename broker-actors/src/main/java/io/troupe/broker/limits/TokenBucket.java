package io.troupe.broker.limits;

/**
 * Allows a rate with bursts: a bucket of tokens that fills steadily up to its size. Time is an
 * argument, in nanoseconds from any origin, and may stand still but not matter when it goes back.
 * Owned by one thread, or guarded by its owner.
 */
public final class TokenBucket {
  private static final double NANOS_PER_SECOND = 1e9;

  private final double tokensPerNano;
  private final double size;
  private double tokens;
  private long lastNanos;

  /**
   * Begins full.
   *
   * @param perSecond tokens that come in a second, more than 0
   * @param size most tokens at once, at least 1
   */
  public TokenBucket(double perSecond, double size, long nowNanos) {
    if (perSecond <= 0 || size < 1) {
      throw new IllegalArgumentException("rate " + perSecond + ", size " + size);
    }
    this.tokensPerNano = perSecond / NANOS_PER_SECOND;
    this.size = size;
    this.tokens = size;
    this.lastNanos = nowNanos;
  }

  /** Takes this many tokens if there are enough; takes none otherwise. */
  public boolean tryTake(long count, long nowNanos) {
    fill(nowNanos);
    if (tokens < count) {
      return false;
    }
    tokens -= count;
    return true;
  }

  /**
   * Takes tokens that are not there yet, for work that cannot be refused any more; {@link
   * #nanosUntil} then tells how long to pause.
   */
  public void take(long count, long nowNanos) {
    fill(nowNanos);
    tokens -= count;
  }

  /** Nanoseconds until this many tokens are there, 0 for now; at most the bucket's size counts. */
  public long nanosUntil(long count, long nowNanos) {
    fill(nowNanos);
    double missing = Math.min((double) count, size) - tokens;
    return missing <= 0 ? 0 : (long) Math.ceil(missing / tokensPerNano);
  }

  private void fill(long nowNanos) {
    long passed = nowNanos - lastNanos;
    if (passed > 0) {
      tokens = Math.min(size, tokens + passed * tokensPerNano);
      lastNanos = nowNanos;
    }
  }
}
