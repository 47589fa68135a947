package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads typed values of one section. A value that is missing, of the wrong type or out of range
 * becomes a problem with its place, and reading goes on with a harmless stand-in: the configuration
 * is thrown away at the end if there was any problem.
 */
final class ConfigReader {
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("([^\\s:/@]+|\\[[0-9a-fA-F:]+]):(\\d{1,5})");

  private final Config config;
  private final String section;
  private final Set<String> known;
  private final ConfigProblems problems;

  ConfigReader(Config config, String section, Set<String> known, ConfigProblems problems) {
    this.config = config;
    this.section = section;
    this.known = known;
    this.problems = problems;
  }

  ConfigReader at(String child) {
    return new ConfigReader(config, section + "." + child, known, problems);
  }

  /** The names directly below this section. */
  Set<String> children() {
    return config.getObject(section).keySet();
  }

  void problem(String key, String message) {
    problems.add(origin(key), path(key), message);
  }

  /** Something that prevents nothing but should be known. */
  void warning(String key, String message) {
    problems.warn(origin(key), path(key), message);
  }

  int integer(String key, int min, int max) {
    return (int) whole(key, min, max);
  }

  /** A number, or what {@code auto} stands for. */
  int integer(String key, int min, int max, int auto) {
    String expected = "auto, or a whole number from " + min + " to " + max;
    return read(
            key,
            expected,
            (long) min,
            p ->
                config.getValue(p).unwrapped().equals("auto")
                    ? (Long) (long) auto
                    : within(exactLong(p), min, max))
        .intValue();
  }

  long whole(String key, long min, long max) {
    String expected = "a whole number from " + min + " to " + max;
    return read(key, expected, min, p -> within(exactLong(p), min, max));
  }

  long bytes(String key, long min, long max) {
    String expected = "a size from " + size(min) + " to " + size(max) + ", such as 64 KiB";
    return read(key, expected, min, p -> within(config.getBytes(p), min, max));
  }

  /** A size, or 0 for {@code auto}. */
  long bytesOrAuto(String key, long min, long max) {
    return bytes(key, min, max, 0);
  }

  /** A size, or what {@code auto} stands for. */
  long bytes(String key, long min, long max, long auto) {
    String expected = "auto, or a size from " + size(min) + " to " + size(max);
    return read(
        key,
        expected,
        min,
        p ->
            config.getValue(p).unwrapped().equals("auto")
                ? (Long) auto
                : within(config.getBytes(p), min, max));
  }

  Duration duration(String key, Duration min, Duration max) {
    String expected = "a duration from " + text(min) + " to " + text(max) + ", such as 10s";
    return read(key, expected, min, p -> within(config.getDuration(p), min, max));
  }

  /** A duration, or {@link BrokerConfig#NEVER} for {@code never}. */
  Duration durationOrNever(String key, Duration min, Duration max) {
    String expected = "never, or a duration from " + text(min) + " to " + text(max);
    return read(
        key,
        expected,
        min,
        p ->
            config.getValue(p).unwrapped().equals("never")
                ? BrokerConfig.NEVER
                : within(config.getDuration(p), min, max));
  }

  boolean flag(String key) {
    return read(key, "on or off", false, config::getBoolean);
  }

  /** On, off, or what {@code auto} stands for. */
  boolean flag(String key, boolean auto) {
    return read(
        key,
        "on, off or auto",
        auto,
        p -> config.getValue(p).unwrapped().equals("auto") ? auto : config.getBoolean(p));
  }

  <E extends Enum<E>> E oneOf(String key, Class<E> type) {
    E[] values = type.getEnumConstants();
    String expected =
        "one of " + Arrays.stream(values).map(ConfigReader::name).collect(Collectors.joining(", "));
    return read(
        key,
        expected,
        values[0],
        p -> {
          String text = config.getString(p);
          return Arrays.stream(values).filter(v -> name(v).equals(text)).findFirst().orElse(null);
        });
  }

  /** Text of {@code min} to {@code max} characters without control characters. */
  String text(String key, int min, int max) {
    String expected =
        min == max
            ? "text of " + min + " characters"
            : "text of " + min + " to " + max + " characters";
    return read(
        key,
        expected,
        "",
        p -> {
          String text = config.getString(p);
          boolean valid =
              text.length() >= min
                  && text.length() <= max
                  && text.chars().noneMatch(Character::isISOControl);
          return valid ? text : null;
        });
  }

  List<String> texts(String key) {
    return read(
        key,
        "a list such as [\"a\", \"b\"]",
        List.of(),
        p -> {
          if (config.getValue(p) instanceof ConfigList) {
            return List.copyOf(config.getStringList(p));
          }
          return Stream.of(config.getString(p).split(","))
              .map(String::trim)
              .filter(s -> !s.isEmpty())
              .toList();
        });
  }

  /** An existing, readable file, or null for an empty value. */
  @Nullable Path file(String key) {
    Path path = path(key, "a file, or \"\" for none");
    if (path != null && !Files.isRegularFile(path)) {
      problem(key, "no such file: " + path);
      return null;
    }
    if (path != null && !Files.isReadable(path)) {
      problem(key, "not readable by this user: " + path);
      return null;
    }
    return path;
  }

  /** A path made absolute from the folder of the file that sets it, or null for an empty value. */
  @Nullable Path path(String key, String expected) {
    Path none = Path.of("");
    Path path =
        read(
            key,
            expected,
            none,
            p -> {
              String text = config.getString(p);
              return text.isEmpty() ? none : folder(origin(key)).resolve(text).normalize();
            });
    return path.equals(none) ? null : path;
  }

  /** From where relative paths count that are set there. */
  static Path folder(@Nullable ConfigOrigin origin) {
    String file = origin == null ? null : origin.filename();
    boolean own = file != null && !file.endsWith("reference.conf");
    Path folder = own ? Path.of(file).toAbsolutePath().getParent() : null;
    return folder == null ? Path.of("").toAbsolutePath() : folder;
  }

  /** Whether a text is there and not empty. */
  boolean isSet(String key) {
    ConfigValue value = value(key);
    return value != null && !"".equals(value.unwrapped());
  }

  @Nullable ConfigOrigin origin(String key) {
    ConfigValue value = value(key);
    return value == null ? null : value.origin();
  }

  private @Nullable ConfigValue value(String key) {
    return value(config, path(key));
  }

  /** Unlike {@link Config#getValue} this also finds null, and answers null for what is missing. */
  static @Nullable ConfigValue value(Config config, String path) {
    ConfigValue value = config.root();
    for (String name : ConfigUtil.splitPath(path)) {
      value = value instanceof ConfigObject object ? object.get(name) : null;
    }
    return value;
  }

  private String path(String key) {
    return key.isEmpty() ? section : section + "." + key;
  }

  private <T> T read(String key, String expected, T standIn, Function<String, @Nullable T> getter) {
    String path = path(key);
    known.add(path);
    try {
      T value = getter.apply(path);
      if (value != null) {
        return value;
      }
    } catch (ConfigException | ArithmeticException e) {
      // The problem below names the place and what is expected, better than the exception does.
    }
    ConfigValue found = value(key);
    problems.addUnreadable(origin(key), path, "expected " + expected + ", found " + shown(found));
    return standIn;
  }

  private static String shown(@Nullable ConfigValue value) {
    if (value == null || value.valueType() == ConfigValueType.NULL) {
      return "nothing";
    }
    if (value.valueType() == ConfigValueType.OBJECT) {
      return "a section";
    }
    String text =
        value.unwrapped() instanceof String s
            ? '"' + s + '"'
            : value.render(ConfigRenderOptions.concise());
    return text.length() > 80 ? text.substring(0, 80) + "..." : text;
  }

  /** Refuses 1.5, which Typesafe Config would cut to 1. */
  private long exactLong(String path) {
    if (config.getValue(path).unwrapped() instanceof Double) {
      throw new ArithmeticException(path);
    }
    return config.getLong(path);
  }

  private static @Nullable Long within(long value, long min, long max) {
    return value < min || value > max ? null : (Long) value;
  }

  private static @Nullable Duration within(Duration value, Duration min, Duration max) {
    return value.compareTo(min) < 0 || value.compareTo(max) > 0 ? null : value;
  }

  /** What {@code host:port} says, unresolved; null for anything else. */
  static @Nullable InetSocketAddress hostAndPort(String text) {
    Matcher parts = HOST_AND_PORT.matcher(text);
    if (!parts.matches() || Integer.parseInt(parts.group(2)) > 65535) {
      return null;
    }
    return InetSocketAddress.createUnresolved(parts.group(1), Integer.parseInt(parts.group(2)));
  }

  static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String text(Duration d) {
    if (d.toMillis() % 1000 != 0) {
      return d.toMillis() + "ms";
    }
    long seconds = d.toSeconds();
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    if (seconds % 86_400 == 0) {
      return seconds / 86_400 + "d";
    }
    return seconds % 3_600 == 0 ? seconds / 3_600 + "h" : seconds / 60 + "m";
  }

  private static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    long value = bytes;
    while (value >= 1024 && value % 1024 == 0 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return value + " " + units[unit];
  }
}
