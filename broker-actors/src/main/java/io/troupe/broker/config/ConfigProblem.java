package io.troupe.broker.config;

/**
 * One mistake in the configuration.
 *
 * @param where the place a person can look at: {@code conf/troupe.conf:12}, {@code environment
 *     variable TROUPE_MQTT__RETAIN}, {@code option --port}
 * @param key the full path of the key, or empty for a mistake of the whole file
 * @param message what is wrong and what is expected
 */
public record ConfigProblem(String where, String key, String message) {

  @Override
  public String toString() {
    return where + ": " + (key.isEmpty() ? "" : key + ": ") + message;
  }
}
