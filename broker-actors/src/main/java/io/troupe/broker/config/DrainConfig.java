package io.troupe.broker.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a node lets its clients go when it stops.
 *
 * @param notice from not being ready until no more clients are accepted
 * @param ratePerSecond clients disconnected, unless that takes longer than {@code within}
 * @param within the last is disconnected
 * @param serverReference where 5.0 clients are told to go, or null
 */
public record DrainConfig(
    Duration notice, int ratePerSecond, Duration within, @Nullable String serverReference) {

  static DrainConfig read(ConfigReader in) {
    String reference = in.text("server-reference", 0, 1024);
    return new DrainConfig(
        in.duration("wait", Duration.ZERO, Duration.ofMinutes(10)),
        in.integer("rate", 1, 1_000_000),
        in.duration("within", Duration.ofSeconds(1), Duration.ofMinutes(10)),
        reference.isEmpty() ? null : reference);
  }

  /** How many of these clients should have been disconnected this long after the first. */
  public int due(int clients, Duration since) {
    double share = (double) since.toMillis() / within.toMillis();
    double byRate = ratePerSecond * (since.toMillis() / 1000.0);
    return (int) Math.min(clients, Math.ceil(Math.max(byRate, clients * share)));
  }
}
