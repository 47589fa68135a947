package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValueFactory;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where settings come from, the later wins: {@code reference.conf}, a file, the environment,
 * options of the command line.
 *
 * @param file null for none
 * @param environment all variables; those without the prefix {@code TROUPE_} do not matter
 * @param options full path to value, such as {@code troupe.listeners.tcp.port} to 1884; the text
 *     after a space is what a person sees as origin, {@code troupe.dev --dev}
 */
public record ConfigSources(
    @Nullable Path file, Map<String, String> environment, Map<String, ?> options) {

  public ConfigSources {
    environment = Map.copyOf(environment);
    options = Map.copyOf(options);
  }

  public ConfigSources file(@Nullable Path file) {
    return new ConfigSources(file, environment, options);
  }

  public ConfigSources environment(Map<String, String> environment) {
    return new ConfigSources(file, environment, options);
  }

  public ConfigSources options(Map<String, ?> options) {
    return new ConfigSources(file, environment, options);
  }

  /**
   * Reads and checks everything.
   *
   * @throws InvalidConfiguration with all mistakes; nothing was started or written
   */
  public BrokerConfig load() throws InvalidConfiguration {
    ConfigProblems problems = new ConfigProblems();
    return new ConfigCheck(layers(problems), reference(), problems).read();
  }

  private Config layers(ConfigProblems problems) throws InvalidConfiguration {
    Config settings =
        optionLayer()
            .withFallback(Environment.layer(environment))
            .withFallback(fileLayer(problems));
    if (!problems.isEmpty()) {
      throw new InvalidConfiguration(problems.sorted());
    }
    return settings;
  }

  /** What these sources set, without the defaults. */
  Config settings() throws InvalidConfiguration {
    ConfigProblems problems = new ConfigProblems();
    return ConfigCheck.resolved(layers(problems), reference(), problems);
  }

  private Config optionLayer() {
    Config layer = ConfigFactory.empty();
    for (var option : options.entrySet()) {
      String[] keyAndName = option.getKey().split(" ", 2);
      String origin = keyAndName.length == 2 ? "option " + keyAndName[1] : "option";
      layer =
          layer.withValue(keyAndName[0], ConfigValueFactory.fromAnyRef(option.getValue(), origin));
    }
    return layer;
  }

  private Config fileLayer(ConfigProblems problems) {
    if (file == null) {
      return ConfigFactory.empty();
    }
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      String why = Files.exists(file) ? "not a readable file" : "no such file";
      problems.add(null, "", why + ": " + file);
      return ConfigFactory.empty();
    }
    try {
      ConfigParseOptions options =
          ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF);
      return ConfigFactory.parseFile(file.toAbsolutePath().toFile(), options);
    } catch (ConfigException e) {
      problems.add(e.origin(), "", syntax(e));
      return ConfigFactory.empty();
    }
  }

  /** The library's text without the place, which the problem carries. */
  private static String syntax(ConfigException e) {
    String message = String.valueOf(e.getMessage());
    if (e.origin() != null && message.startsWith(e.origin().description() + ": ")) {
      message = message.substring(e.origin().description().length() + 2);
    }
    return message;
  }

  /**
   * Our own {@code reference.conf}: each library brings a file of that name, and which comes first
   * depends on the class path, so ours is found beside our classes.
   */
  static Config reference() {
    String name = BrokerConfig.class.getName().replace('.', '/') + ".class";
    URL own = BrokerConfig.class.getResource("/" + name);
    if (own == null) {
      throw new IllegalStateException("the broker's classes are not on the class path");
    }
    String root = own.toString().substring(0, own.toString().length() - name.length());
    try {
      return ConfigFactory.parseURL(
          new URL(root + "reference.conf"), ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (MalformedURLException e) {
      throw new IllegalStateException(e);
    }
  }
}
