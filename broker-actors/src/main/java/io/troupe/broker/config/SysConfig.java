package io.troupe.broker.config;

import java.time.Duration;

/**
 * The $SYS topics.
 *
 * @param interval {@link BrokerConfig#NEVER} turns them off
 */
public record SysConfig(Duration interval) {

  static SysConfig read(ConfigReader in) {
    return new SysConfig(
        in.durationOrNever("interval", Duration.ofSeconds(1), Duration.ofHours(1)));
  }
}
