package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * All configuration of a broker in one text of JSON, version {@value #VERSION}:
 *
 * <pre>
 * {
 *   "troupe-configuration": 1,
 *   "exported-by": "0.1.0",
 *   "exported-at": "2026-01-31T12:00:00Z",
 *   "settings": { "troupe": { ... } },   what differs from the defaults; paths are absolute
 *   "users": [ "NAME:HASH:LIMITS", ... ],
 *   "access-rules": [ "user alice", ... ],
 *   "left-out": [ "troupe.store.cassandra.password" ]
 * }
 * </pre>
 *
 * <p>Secrets are hashes only; keys of others are listed under {@code left-out}.
 */
public final class ConfigDocument {
  static final int VERSION = 1;

  private static final String VERSION_KEY = "troupe-configuration";
  private static final String PASSWORD_FILE = "troupe.auth.password-file";
  private static final String ACL_FILE = "troupe.auth.acl-file";
  private static final Set<String> KEYS =
      Set.of(
          VERSION_KEY,
          "exported-by",
          "exported-at",
          "settings",
          "users",
          "access-rules",
          "left-out");

  /** Last names of the keys whose values are paths. */
  private static final Set<String> PATHS =
      Set.of(
          "data-dir",
          "directory",
          "certificate-chain",
          "private-key",
          "client-ca",
          "ca",
          "password-file");

  private final Config settings;
  private final List<String> users;
  private final List<String> rules;
  private final List<String> leftOut;

  private ConfigDocument(
      Config settings, List<String> users, List<String> rules, List<String> leftOut) {
    this.settings = settings;
    this.users = List.copyOf(users);
    this.rules = List.copyOf(rules);
    this.leftOut = List.copyOf(leftOut);
  }

  /**
   * Of what these sources set.
   *
   * @param users lines of the password file, empty without one
   * @param rules lines of the file of access rules, empty without one
   * @throws InvalidConfiguration when the sources are not right
   */
  public static ConfigDocument of(ConfigSources sources, List<String> users, List<String> rules)
      throws InvalidConfiguration {
    Config set = sources.settings();
    Config result = set;
    Set<String> leftOut = new TreeSet<>();
    for (Map.Entry<String, ConfigValue> entry : set.entrySet()) {
      String path = entry.getKey();
      List<String> names = ConfigUtil.splitPath(path);
      String name = names.get(names.size() - 1).toLowerCase(Locale.ROOT);
      Object value = entry.getValue().unwrapped();
      if (path.equals(PASSWORD_FILE) || path.equals(ACL_FILE)) {
        result = result.withoutPath(path);
      } else if (isSecret(name) && !"".equals(value)) {
        result = result.withoutPath(path);
        leftOut.add(path);
      } else if (path.startsWith("troupe.")
          && PATHS.contains(name)
          && value instanceof String text
          && !text.isEmpty()) {
        Path absolute = ConfigReader.folder(entry.getValue().origin()).resolve(text).normalize();
        result = result.withValue(path, ConfigValueFactory.fromAnyRef(absolute.toString()));
      }
    }
    return new ConfigDocument(result, users, rules, List.copyOf(leftOut));
  }

  private static boolean isSecret(String name) {
    return !name.endsWith("-file")
        && (name.contains("password") || name.contains("secret") || name.contains("token"));
  }

  /**
   * Reads such a text; what the settings, users and rules say is not looked at.
   *
   * @param file where it is from, for messages
   * @throws InvalidConfiguration with all mistakes
   */
  public static ConfigDocument parse(Path file, String text) throws InvalidConfiguration {
    ConfigProblems problems = new ConfigProblems();
    ConfigObject root = root(file, text, problems);
    ConfigValue version = root.get(VERSION_KEY);
    if (problems.isEmpty() && (version == null || !version.unwrapped().equals(VERSION))) {
      problems.add(
          version == null ? root.origin() : version.origin(),
          VERSION_KEY,
          "expected " + VERSION + ", the version that this broker reads");
    }
    for (String key : new TreeSet<>(root.keySet())) {
      if (!KEYS.contains(key)) {
        ConfigValue unknown = root.get(key);
        problems.add(unknown == null ? null : unknown.origin(), key, "unknown key");
      }
    }
    ConfigValue settings = root.get("settings");
    if (problems.isEmpty() && !(settings instanceof ConfigObject)) {
      problems.add(root.origin(), "settings", "expected a section { ... }");
    }
    List<String> users = lines(root, "users", problems);
    List<String> rules = lines(root, "access-rules", problems);
    List<String> leftOut = lines(root, "left-out", problems);
    if (!problems.isEmpty() || !(settings instanceof ConfigObject section)) {
      throw new InvalidConfiguration(problems.sorted());
    }
    return new ConfigDocument(section.toConfig(), users, rules, leftOut);
  }

  private static ConfigObject root(Path file, String text, ConfigProblems problems) {
    try {
      return ConfigFactory.parseString(
              text,
              ConfigParseOptions.defaults()
                  .setSyntax(ConfigSyntax.JSON)
                  .setOriginDescription(file.toString()))
          .root();
    } catch (ConfigException e) {
      problems.add(e.origin(), "", "not JSON: " + e.getMessage());
      return ConfigFactory.empty(file.toString()).root();
    }
  }

  private static List<String> lines(ConfigObject root, String key, ConfigProblems problems) {
    ConfigValue value = root.get(key);
    if (value == null) {
      return List.of();
    }
    List<String> lines = new ArrayList<>();
    if (!(value instanceof ConfigList list)) {
      problems.add(value.origin(), key, "expected a list of lines");
      return lines;
    }
    for (ConfigValue each : list) {
      if (each.valueType() == ConfigValueType.STRING
          && each.unwrapped() instanceof String line
          && line.chars().noneMatch(c -> c != '\t' && Character.isISOControl(c))) {
        lines.add(line);
      } else {
        problems.add(each.origin(), key, "expected a text of one line");
      }
    }
    return lines;
  }

  /**
   * The text.
   *
   * @param broker version of the program
   * @param at the time now
   */
  public String text(String broker, String at) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put(VERSION_KEY, VERSION);
    root.put("exported-by", broker);
    root.put("exported-at", at);
    root.put("settings", settings.root().unwrapped());
    root.put("users", users);
    root.put("access-rules", rules);
    root.put("left-out", leftOut);
    return ConfigValueFactory.fromMap(root).render(style().setJson(true));
  }

  /**
   * A configuration file with these settings.
   *
   * @param passwordFile its name in the same folder, null for none
   * @param aclFile likewise
   */
  public String configurationFile(@Nullable String passwordFile, @Nullable String aclFile) {
    Config file = settings.withoutPath(PASSWORD_FILE).withoutPath(ACL_FILE);
    if (passwordFile != null) {
      file = file.withValue(PASSWORD_FILE, ConfigValueFactory.fromAnyRef(passwordFile));
    }
    if (aclFile != null) {
      file = file.withValue(ACL_FILE, ConfigValueFactory.fromAnyRef(aclFile));
    }
    return file.root().render(style().setJson(false));
  }

  private static ConfigRenderOptions style() {
    return ConfigRenderOptions.defaults().setOriginComments(false).setComments(false);
  }

  /** Lines of a password file. */
  public List<String> users() {
    return users;
  }

  /** Lines of a file of access rules. */
  public List<String> rules() {
    return rules;
  }

  /** The keys of secrets, which somebody has to set by hand. */
  public List<String> leftOut() {
    return leftOut;
  }
}
