package io.troupe.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every setting takes exactly the values that {@code reference.conf} says. */
class SettingBoundsTest {
  /** Settings that are a word or a text, with values they take and values they do not. */
  private static final Map<String, List<List<?>>> WORDS = new TreeMap<>();

  static {
    word("node-name", List.of("n", "n".repeat(255)), List.of("", "n".repeat(256), "a\tb"));
    word("data-dir", List.of("folder"), List.of("", List.of("folder")));
    for (String listener : List.of("tcp", "tls", "ws", "wss")) {
      String prefix = "listeners." + listener + ".";
      word(prefix + "enabled", List.of("on", "auto"), List.of("perhaps", 1));
      word(prefix + "transport", List.of(listener), List.of("udp", ""));
      word(prefix + "bind", List.of("auto", "127.0.0.1"), List.of(""));
      word(prefix + "path", List.of("/", "/" + "p".repeat(1023)), List.of("", "p".repeat(1025)));
      word(prefix + "certificate-chain", List.of(""), List.of("nowhere.pem"));
      word(prefix + "private-key", List.of(""), List.of("nowhere.pem"));
      word(prefix + "client-auth", List.of("none"), List.of("perhaps", ""));
      word(prefix + "client-ca", List.of(""), List.of("nowhere.pem"));
      word(
          prefix + "origins",
          List.of(List.of(), List.of("https://a.example"), List.of("http://[::1]:8083", "null")),
          List.of(List.of("a.example"), List.of("https://a.example/path"), List.of("")));
    }
    List.of("payload-format-check", "wildcard-subscriptions", "shared-subscriptions")
        .forEach(key -> flag("mqtt." + key));
    List.of("subscription-identifiers", "retain").forEach(key -> flag("mqtt." + key));
    for (String type : List.of("device", "application")) {
      word(
          "queue." + type + ".when-full",
          List.of("drop-oldest", "drop-newest", "refuse-publisher"),
          List.of("explode", ""));
    }
    word(
        "routing.shared-strategy",
        List.of("round-robin", "random", "sticky", "hash-client", "hash-topic", "least-in-flight"),
        List.of("hash", ""));
    word(
        "routing.shared-strategies",
        List.of(List.of(), List.of("a=random"), List.of("a/t/#=sticky", "*=hash-topic")),
        List.of(List.of("a=fastest"), List.of("random"), List.of("=random")));
    word("store.kind", List.of("embedded", "cassandra"), List.of("memory", ""));
    word("store.directory", List.of("", "elsewhere"), List.of(List.of("elsewhere")));
    flag("store.fsync");
    word("store.on-damage", List.of("refuse", "discard"), List.of("ignore", ""));
    String cassandra = "store.cassandra.";
    word(
        cassandra + "contact-points",
        List.of(List.of("a:1"), List.of("a:1", "[::1]:65535")),
        List.of(List.of(), List.of("a"), List.of("a:65536")));
    word(cassandra + "datacenter", List.of("d", "d".repeat(255)), List.of("", "d".repeat(256)));
    word(cassandra + "keyspace", List.of("k", "k".repeat(48)), List.of("", "k".repeat(49), "1k"));
    flag(cassandra + "create-schema");
    word(cassandra + "username", List.of("", "u".repeat(255)), List.of("u".repeat(256)));
    word(cassandra + "password", List.of("", "p".repeat(1024)), List.of("p".repeat(1025)));
    word(cassandra + "password-file", List.of(""), List.of("nowhere"));
    word("auth.allow-anonymous", List.of("on", "auto"), List.of("perhaps", 2));
    flag("auth.allow-anonymous-remote");
    word("auth.password-file", List.of(""), List.of("nowhere"));
    word("auth.acl-file", List.of(""), List.of("nowhere"));
    word(
        "drain.server-reference",
        List.of("", "a:1883", "r".repeat(1024)),
        List.of("r".repeat(1025), "a\tb"));
    List.of("certificate-chain", "private-key", "ca")
        .forEach(key -> word("cluster.tls." + key, List.of(""), List.of("nowhere.pem")));
    flag("http.enabled");
    word("http.bind", List.of("::1"), List.of(""));
    word("cluster.bind", List.of("::1"), List.of(""));
    word("cluster.host", List.of("auto", "a"), List.of(""));
    word("cluster.discovery", List.of("config"), List.of("etcd", ""));
    word("cluster.service-name", List.of("", "s".repeat(253)), List.of("s".repeat(254)));
    word("cluster.port-name", List.of("auto", "", "p".repeat(63)), List.of("p".repeat(64)));
    word("cluster.namespace", List.of("auto", "n".repeat(63)), List.of("", "n".repeat(64)));
    word("cluster.management.enabled", List.of("auto", "off"), List.of("perhaps", 1));
    word("cluster.management.bind", List.of("auto", "::1"), List.of(""));
    word(
        "cluster.roles",
        List.of(List.of("clients", "storage")),
        List.of(List.of("cook"), List.of()));
    word("cluster.seed-nodes", List.of(List.of()), List.of(List.of("a"), List.of("a:65536")));
  }

  /** Some of each kind: what the settings are is found out, and must not be nothing. */
  private static final Set<String> KNOWN =
      Set.of(
          "troupe.listeners.wss.port",
          "troupe.mqtt.receive-maximum",
          "troupe.mqtt.session-expiry-max",
          "troupe.queue.device.bytes-max",
          "troupe.queue.node-bytes-max",
          "troupe.store.slow-commit",
          "troupe.limits.descriptors-reserve");

  /** All ports alike are no mistake then. */
  private static final Map<String, Object> ONE_USER_OF_A_PORT =
      Map.of(
          "troupe.listeners.tls.enabled", false,
          "troupe.listeners.ws.enabled", false,
          "troupe.listeners.wss.enabled", false,
          "troupe.http.enabled", false,
          "troupe.cluster.bind", "::1");

  private static final Pattern RANGE = Pattern.compile("\\d\\S*( [KMGTPE]?i?B)? to \\d");

  /** What was expected, and what was found instead. */
  private static final Pattern CLEAR =
      Pattern.compile(
          "expected .*, found .*|no such file: .*nowhere.*|at least one server is needed");

  @TempDir Path folder;

  private static void word(String key, List<?> taken, List<?> refused) {
    WORDS.put("troupe." + key, List.of(taken, refused));
  }

  private static void flag(String key) {
    word(key, List.of("on", "off", true, false), List.of("perhaps", 1, ""));
  }

  /** What is wrong with a file of these settings, as a user is told, by setting. */
  private Map<String, String> mistakes(Map<String, ?> settings) throws IOException {
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.putIfAbsent("troupe.dev", true);
    List<String> lines = new ArrayList<>();
    all.forEach(
        (key, value) ->
            lines.add(
                key
                    + " = "
                    + ConfigValueFactory.fromAnyRef(value).render(ConfigRenderOptions.concise())));
    Path file = Files.write(folder.resolve("troupe.conf"), lines);
    Map<String, String> mistakes = new TreeMap<>();
    try {
      BrokerConfig.from().file(file).load();
    } catch (InvalidConfiguration e) {
      for (ConfigProblem problem : e.problems()) {
        if (all.containsKey(problem.key())) { // else one that follows from another
          int line = 1 + List.copyOf(all.keySet()).indexOf(problem.key());
          assertEquals(file + ":" + line, problem.where(), problem::toString);
        }
        String before = mistakes.put(problem.key(), problem.message());
        assertNull(before, () -> problem + " and " + before);
      }
    }
    return mistakes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  @Promise("F17")
  void zeroOneAndTheBoundsAreTakenAndWhatIsBeyondIsRefused(int which) throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>(ONE_USER_OF_A_PORT);
    Map<String, String> expected = new TreeMap<>();
    for (SettingBounds.Bounds bounds : SettingBounds.all()) {
      SettingBounds.Sample sample = bounds.samples().get(which);
      settings.put(bounds.path(), sample.value());
      if (!sample.allowed()) {
        expected.put(bounds.path(), "from " + bounds.least() + " to " + bounds.greatest());
      }
    }

    Map<String, String> mistakes = mistakes(settings);

    assertEquals(expected.keySet(), mistakes.keySet());
    expected.forEach(
        (path, range) -> {
          String message = mistakes.getOrDefault(path, "");
          assertTrue(message.contains(range), () -> path + ": " + message);
        });
  }

  static List<SettingBounds.Bounds> bounds() {
    return SettingBounds.all();
  }

  @ParameterizedTest
  @MethodSource("bounds")
  void theReferenceSaysTheBounds(SettingBounds.Bounds bounds) throws IOException {
    String expected = bounds.least() + " to " + bounds.greatest();

    String comment = comment(bounds.path());

    assertTrue(comment.contains(expected), () -> expected + " is not in: " + comment);
  }

  /** The nearest comment above a setting that says a range: its own, or that of its section. */
  private static String comment(String path) throws IOException {
    List<String> lines = reference();
    var block = new StringBuilder();
    for (int above = origin(path).lineNumber() - 2; above >= 0; above--) {
      String line = lines.get(above).strip();
      if (line.startsWith("#")) {
        block.insert(0, line.substring(1));
      } else if (RANGE.matcher(block).find()) {
        break;
      } else {
        block.setLength(0);
      }
    }
    return block.toString();
  }

  private static ConfigOrigin origin(String path) {
    return ConfigSources.reference().getValue(path).origin();
  }

  private static List<String> reference() throws IOException {
    try (var in = origin("troupe.dev").url().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void wordsAndTextsAreTakenAsSaid(int which) throws IOException {
    assertEquals(Map.of(), mistakes(words(0, which)));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void otherWordsAndTextsAreRefused(int which) throws IOException {
    Map<String, Object> words = words(1, which);

    Map<String, String> mistakes = mistakes(words);

    Set<String> taken = new TreeSet<>(words.keySet());
    taken.removeAll(mistakes.keySet());
    assertEquals(Set.of(), taken);
    mistakes.keySet().retainAll(words.keySet()); // without what follows from them
    mistakes.forEach((path, said) -> assertTrue(CLEAR.matcher(said).matches(), path + ": " + said));
  }

  /** So that a new setting is not left out here: {@code dev} changes what others may be. */
  @Test
  void everySettingIsTriedInOneOfTheseTests() {
    Set<String> left = SettingBounds.settings();
    left.removeAll(WORDS.keySet());
    SettingBounds.all().forEach(bounds -> left.remove(bounds.path()));

    assertEquals(Set.of("troupe.dev"), left);
  }

  /**
   * Of each setting one of the values taken (0) or refused (1); the last, where there are fewer.
   */
  private static Map<String, Object> words(int kind, int which) {
    Map<String, Object> settings = new TreeMap<>();
    WORDS.forEach(
        (path, values) -> {
          List<?> candidates = values.get(kind);
          if (!candidates.isEmpty()) {
            settings.put(path, candidates.get(Math.min(which, candidates.size() - 1)));
          }
        });
    return settings;
  }

  @ParameterizedTest
  @ValueSource(strings = {"never", "auto"})
  void neverAndAutoAreTakenWhereTheyAreSaid(String word) throws IOException {
    Map<String, Object> settings = new LinkedHashMap<>();
    Set<String> refused = new TreeSet<>();
    for (SettingBounds.Bounds bounds : SettingBounds.all()) {
      settings.put(bounds.path(), word);
      if (!word.equals(bounds.word())) {
        refused.add(bounds.path());
      }
    }

    assertEquals(refused, mistakes(settings).keySet());
  }

  @Test
  void numbersAreFoundAmongTheSettings() {
    Set<String> numbers = new TreeSet<>();
    SettingBounds.all().forEach(bounds -> numbers.add(bounds.path()));

    assertTrue(numbers.containsAll(KNOWN), numbers::toString);
  }
}
