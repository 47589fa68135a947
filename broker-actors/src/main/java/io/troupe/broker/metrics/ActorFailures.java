package io.troupe.broker.metrics;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Actors that failed at a command: mistakes of ours. The actor begins anew from what it has stored;
 * nothing that was acknowledged is lost. Thread-safe.
 */
public final class ActorFailures {
  private static final Logger LOG = LoggerFactory.getLogger(ActorFailures.class);

  /** The kinds of actors that keep state. */
  public enum Kind {
    SESSION,
    PARTITION,
    RETAINED,
    DIRECTORY;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The metric label. */
    public String label() {
      return label;
    }
  }

  private final LongAdder[] counts = new LongAdder[Kind.values().length];

  ActorFailures() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  /**
   * Counts and logs one. The failure itself, with its stack, is logged by Akka.
   *
   * @param name of the actor among those of its kind: a client identifier, a number
   * @param command at which it failed; only its kind is logged
   */
  public void add(Kind kind, String name, Object command, Throwable failure) {
    counts[kind.ordinal()].increment();
    LOG.error(
        "{} {} failed at {} and begins anew from what it has stored; please report this: {}",
        kind.label(),
        name.replaceAll("\\p{Cntrl}", "?"),
        command.getClass().getSimpleName(),
        failure.getClass().getName());
  }

  /** How many there were since the start. */
  public long count(Kind kind) {
    return counts[kind.ordinal()].sum();
  }
}
