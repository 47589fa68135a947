package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** Environment variables as a layer of the configuration: {@code TROUPE_A__B_C} is a.b-c. */
final class Environment {
  private static final String PREFIX = "TROUPE_";

  /**
   * Kubernetes sets these in every container when a service is called troupe or troupe-something;
   * they are no settings.
   */
  private static final Pattern OF_KUBERNETES =
      Pattern.compile(
          "TROUPE(_.+)?_SERVICE_(HOST|PORT(_.+)?)|TROUPE(_.+)?_PORT(_\\d+_(TCP|UDP).*)?");

  private static final Pattern KUBERNETES_PORT = Pattern.compile("(tcp|udp|sctp)://.*");

  private Environment() {}

  static Config layer(Map<String, String> environment) {
    Config layer = ConfigFactory.empty();
    for (var variable : environment.entrySet()) {
      String name = variable.getKey();
      if (name.startsWith(PREFIX) && !ofKubernetes(name, variable.getValue())) {
        layer =
            layer.withValue(
                path(name),
                ConfigValueFactory.fromAnyRef(variable.getValue(), "environment variable " + name));
      }
    }
    return layer;
  }

  private static boolean ofKubernetes(String name, String value) {
    boolean service = name.contains("_SERVICE_HOST") || name.contains("_SERVICE_PORT");
    return OF_KUBERNETES.matcher(name).matches()
        && (service || KUBERNETES_PORT.matcher(value).matches() || name.matches(".*_(TCP|UDP)_.*"));
  }

  private static String path(String name) {
    List<String> parts = new ArrayList<>(List.of("troupe"));
    for (String part : name.substring(PREFIX.length()).split("__", -1)) {
      parts.add(part.toLowerCase(Locale.ROOT).replace('_', '-'));
    }
    return ConfigUtil.joinPath(parts);
  }

  /** The variable that sets a key, for messages and the manual. */
  static String variable(String key) {
    return key.toUpperCase(Locale.ROOT)
        .replace('-', '_')
        .replace(".", "__")
        .replaceFirst("__", "_");
  }
}
