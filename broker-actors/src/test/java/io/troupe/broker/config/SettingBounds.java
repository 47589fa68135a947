package io.troupe.broker.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every setting of {@code reference.conf} that is a number, a size or a duration, with its least
 * and greatest value: as the broker says them when the value is none of them. So a new setting is
 * here without being written down a second time.
 */
public final class SettingBounds {
  private static final Pattern SAID =
      Pattern.compile(
          "expected (?:(auto|never), or )?a (whole number|size|duration) from (.+?) to (.+?)"
              + "(?:, such as .*)?, found .*");

  /** Kinds of values, each with what lies just beside one. */
  public enum Kind {
    NUMBER,
    SIZE,
    DURATION
  }

  /**
   * @param word taken besides, or null
   * @param least as a user would write it
   * @param greatest as a user would write it
   */
  public record Bounds(String path, Kind kind, String word, String least, String greatest) {

    /** In the smallest unit in use: bytes, milliseconds. */
    private BigInteger small(String text) {
      var value = ConfigValueFactory.fromAnyRef(text).atKey("v");
      return switch (kind) {
        case NUMBER -> new BigInteger(text);
        case SIZE -> value.getMemorySize("v").toBytesBigInteger();
        case DURATION -> BigInteger.valueOf(value.getDuration("v").toMillis());
      };
    }

    private Object written(BigInteger value) {
      return kind == Kind.DURATION ? value + "ms" : value.longValueExact();
    }

    private boolean allows(BigInteger value) {
      return value.compareTo(small(least)) >= 0 && value.compareTo(small(greatest)) <= 0;
    }

    /** 0, 1, the bounds and what lies beside them, each with whether it is allowed. */
    List<Sample> samples() {
      BigInteger one = BigInteger.ONE;
      return Stream.of(
              BigInteger.ZERO,
              one,
              small(least),
              small(greatest),
              small(least).subtract(one),
              small(greatest).add(one))
          .map(value -> new Sample(written(value), allows(value)))
          .toList();
    }
  }

  /** A value as a user would write it. */
  record Sample(Object value, boolean allowed) {}

  private SettingBounds() {}

  public static List<Bounds> all() {
    Map<String, Object> nonsense = new LinkedHashMap<>();
    settings().forEach(path -> nonsense.put(path, "?"));
    List<Bounds> all = new ArrayList<>();
    try {
      BrokerConfig.of(nonsense);
    } catch (InvalidConfiguration e) {
      for (ConfigProblem problem : e.problems()) {
        Matcher said = SAID.matcher(problem.message());
        if (said.matches()) {
          String kind = said.group(2);
          all.add(
              new Bounds(
                  problem.key(),
                  kind.equals("size")
                      ? Kind.SIZE
                      : kind.equals("duration") ? Kind.DURATION : Kind.NUMBER,
                  said.group(1),
                  said.group(3),
                  said.group(4)));
        }
      }
    }
    return all;
  }

  /** Every setting there is, but those of Akka's plugins. */
  static Set<String> settings() {
    return leaves(ConfigSources.reference().getObject("troupe"), "troupe.");
  }

  private static Set<String> leaves(ConfigObject section, String prefix) {
    Set<String> leaves = new TreeSet<>();
    for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
      String path = prefix + ConfigUtil.joinPath(entry.getKey());
      if (path.equals("troupe.store.journal") || path.equals("troupe.store.snapshot")) {
        continue;
      }
      if (entry.getValue() instanceof ConfigObject inner) {
        leaves.addAll(leaves(inner, path + "."));
      } else {
        leaves.add(path);
      }
    }
    return leaves;
  }

  /** The least value of every setting of these kinds at once. */
  public static Map<String, Object> least(Set<Kind> kinds) {
    return each(kinds, Bounds::least);
  }

  /** The greatest value of every setting of these kinds at once. */
  public static Map<String, Object> greatest(Set<Kind> kinds) {
    return each(kinds, Bounds::greatest);
  }

  private static Map<String, Object> each(Set<Kind> kinds, Function<Bounds, Object> value) {
    Map<String, Object> values = new LinkedHashMap<>();
    for (Bounds bounds : all()) {
      if (kinds.contains(bounds.kind())) {
        values.put(bounds.path(), value.apply(bounds));
      }
    }
    return values;
  }
}
