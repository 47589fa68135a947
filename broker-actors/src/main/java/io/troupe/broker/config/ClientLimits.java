package io.troupe.broker.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A client's type, and the limits of its offline queues where its credential sets others than its
 * type has. Written as text, in password files as in events: {@code
 * type=application,messages-max=5000,age-max=7d}; the empty text is a plain device.
 *
 * @param messagesMax 0: as the type
 * @param bytesMax 0: as the type
 * @param ageMax null: as the type; {@link BrokerConfig#NEVER} for no limit
 * @param whenFull null: as the type
 */
public record ClientLimits(
    ClientType type,
    long messagesMax,
    long bytesMax,
    @Nullable Duration ageMax,
    @Nullable WhenFull whenFull) {

  /** A device with the limits of all devices: who has no credential, or one that says nothing. */
  public static final ClientLimits DEVICE = new ClientLimits(ClientType.DEVICE, 0, 0, null, null);

  /** An application with the limits of all applications. */
  public static final ClientLimits APPLICATION =
      new ClientLimits(ClientType.APPLICATION, 0, 0, null, null);

  private static final String SECTION = "client";
  private static final List<String> KEYS =
      List.of("type", "messages-max", "bytes-max", "age-max", "when-full");

  /**
   * Reads {@code KEY=VALUE,...}.
   *
   * @throws IllegalArgumentException with a message for people, if it is not understood
   */
  public static ClientLimits parse(String text) {
    if (text.isEmpty()) {
      return DEVICE;
    }
    Config config = ConfigFactory.parseMap(Map.of(SECTION, values(text)));
    ConfigProblems problems = new ConfigProblems();
    ConfigReader in = new ConfigReader(config, SECTION, new HashSet<>(), problems);
    Set<String> given = in.children();
    ClientLimits limits =
        new ClientLimits(
            given.contains("type") ? in.oneOf("type", ClientType.class) : ClientType.DEVICE,
            given.contains("messages-max") ? QueueConfig.readMessagesMax(in) : 0,
            given.contains("bytes-max") ? QueueConfig.readBytesMax(in) : 0,
            given.contains("age-max") ? QueueConfig.readAgeMax(in) : null,
            given.contains("when-full") ? in.oneOf("when-full", WhenFull.class) : null);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(
          problems.sorted().stream()
              .map(each -> each.key().substring(SECTION.length() + 1) + ": " + each.message())
              .collect(Collectors.joining("; ")));
    }
    return limits;
  }

  private static Map<String, String> values(String text) {
    Map<String, String> values = new HashMap<>();
    for (String part : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String key = (equals < 0 ? part : part.substring(0, equals)).strip();
      if (equals < 0 || !KEYS.contains(key)) {
        throw new IllegalArgumentException(
            "expected KEY=VALUE with a key of "
                + String.join(", ", KEYS)
                + ", found \""
                + part
                + '"');
      }
      if (values.put(key, part.substring(equals + 1).strip()) != null) {
        throw new IllegalArgumentException(key + " comes twice");
      }
    }
    return values;
  }

  /** The same as {@link #parse} reads; the shortest text. */
  public String text() {
    List<String> parts = new ArrayList<>(0);
    if (type != ClientType.DEVICE) {
      parts.add("type=" + ConfigReader.name(type));
    }
    if (messagesMax > 0) {
      parts.add("messages-max=" + messagesMax);
    }
    if (bytesMax > 0) {
      parts.add("bytes-max=" + bytesMax);
    }
    if (ageMax != null) {
      String age = ageMax.equals(BrokerConfig.NEVER) ? "never" : ageMax.toMillis() + "ms";
      parts.add("age-max=" + age);
    }
    if (whenFull != null) {
      parts.add("when-full=" + ConfigReader.name(whenFull));
    }
    return parts.stream().collect(Collectors.joining(","));
  }

  /** The limits in force. */
  public QueueConfig.Limits in(QueueConfig config) {
    QueueConfig.Limits usual =
        type == ClientType.APPLICATION ? config.application() : config.device();
    if (messagesMax == 0 && bytesMax == 0 && ageMax == null && whenFull == null) {
      return usual;
    }
    return new QueueConfig.Limits(
        messagesMax == 0 ? usual.messagesMax() : messagesMax,
        bytesMax == 0 ? usual.bytesMax() : bytesMax,
        ageMax == null ? usual.ageMax() : ageMax,
        whenFull == null ? usual.whenFull() : whenFull);
  }
}
