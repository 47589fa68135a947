package io.troupe.broker.config;

/**
 * The administration server.
 *
 * @param port 0 for any free port
 */
public record HttpConfig(boolean enabled, String bind, int port) {

  static HttpConfig read(ConfigReader in) {
    return new HttpConfig(
        in.flag("enabled"), in.text("bind", 1, 255), in.integer("port", 0, 65535));
  }
}
