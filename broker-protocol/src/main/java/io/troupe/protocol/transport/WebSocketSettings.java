package io.troupe.protocol.transport;

import java.util.List;

/**
 * How MQTT travels in WebSockets (chapter 6).
 *
 * @param path of the request, such as {@code /mqtt}
 * @param allowedOrigins values of the Origin header that are let in; empty: all, and requests
 *     without the header are always let in, as they do not come from a browser
 * @param frameBytesMax largest payload of one frame; at least the maximum packet size
 */
public record WebSocketSettings(String path, List<String> allowedOrigins, int frameBytesMax) {
  public static final WebSocketSettings DEFAULT =
      new WebSocketSettings("/mqtt", List.of(), 1024 * 1024);

  public WebSocketSettings {
    allowedOrigins = List.copyOf(allowedOrigins);
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("a WebSocket path begins with '/': " + path);
    }
  }
}
