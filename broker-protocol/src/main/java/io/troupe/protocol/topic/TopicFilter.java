package io.troupe.protocol.topic;

import java.util.Optional;

/**
 * A valid topic filter (4.7), with the share name of a shared subscription (4.8.2) apart. Equal by
 * what the client wrote: {@code t} and {@code $share/g/t} are different filters.
 *
 * <p>The <em>literal prefix</em> is the levels before the first wildcard, joined by {@code /}; for
 * a filter without wildcard it is the whole filter. {@code #} and {@code +/x} have the empty prefix
 * of zero levels, which is not the same as the prefix of one empty level ({@code /a} and {@code
 * /+}): see {@link #prefixLevels}.
 */
public final class TopicFilter {
  private static final String SHARE = "$share/";

  private final String text;
  private final String shareName;
  private final String filter;
  private final int prefixLevels;
  private final boolean wildcard;

  private TopicFilter(String text, String shareName, String filter) {
    this.text = text;
    this.shareName = shareName;
    this.filter = filter;
    int literals = 0;
    int start = 0;
    int end;
    do {
      if (start < filter.length() && (filter.charAt(start) == '+' || filter.charAt(start) == '#')) {
        break;
      }
      literals++;
      end = filter.indexOf('/', start);
      start = end + 1;
    } while (end >= 0);
    this.prefixLevels = literals;
    this.wildcard = filter.indexOf('+') >= 0 || filter.indexOf('#') >= 0;
  }

  /**
   * Parses what a client wrote in SUBSCRIBE or UNSUBSCRIBE.
   *
   * @return empty if it is not a valid filter: empty (MQTT-4.7.3-1), with U+0000 (MQTT-4.7.3-2),
   *     longer than 65,535 UTF-8 bytes, a wildcard that is not a whole level or a {@code #} that is
   *     not last (MQTT-4.7.1-1, MQTT-4.7.1-2), a share name that is empty or contains wildcards
   *     (MQTT-4.8.2-1), or nothing after it (MQTT-4.8.2-2)
   */
  public static Optional<TopicFilter> parse(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0 || !TopicName.fits(text)) {
      return Optional.empty();
    }
    String shareName = "";
    String filter = text;
    if (text.startsWith(SHARE)) {
      int end = text.indexOf('/', SHARE.length());
      if (end <= SHARE.length() || end == text.length() - 1) {
        return Optional.empty();
      }
      shareName = text.substring(SHARE.length(), end);
      if (shareName.indexOf('+') >= 0 || shareName.indexOf('#') >= 0) {
        return Optional.empty();
      }
      filter = text.substring(end + 1);
    } else if (text.equals("$share")) {
      return Optional.empty();
    }
    return areWildcardsInPlace(filter)
        ? Optional.of(new TopicFilter(text, shareName, filter))
        : Optional.empty();
  }

  /** Each wildcard is a whole level, and {@code #} the last one. */
  private static boolean areWildcardsInPlace(String filter) {
    int last = filter.length() - 1;
    for (int i = 0; i <= last; i++) {
      char c = filter.charAt(i);
      if (c != '+' && c != '#') {
        continue;
      }
      boolean begins = i == 0 || filter.charAt(i - 1) == '/';
      boolean ends = i == last || (c == '+' && filter.charAt(i + 1) == '/');
      if (!begins || !ends) {
        return false;
      }
    }
    return true;
  }

  /** Parses a filter known to be valid, such as one from the journal or the code. */
  public static TopicFilter of(String text) {
    return parse(text)
        .orElseThrow(() -> new IllegalArgumentException("not a topic filter: " + text));
  }

  /** What the client wrote, {@code $share/...} included. */
  public String text() {
    return text;
  }

  /** The filter that topics are matched with: without {@code $share/name/}. */
  public String filter() {
    return filter;
  }

  /** The share name, or empty for a subscription that is not shared. */
  public String shareName() {
    return shareName;
  }

  public boolean isShared() {
    return !shareName.isEmpty();
  }

  public boolean hasWildcard() {
    return wildcard;
  }

  /** How many levels the literal prefix has; 0 for {@code #} and {@code +/...}. */
  public int prefixLevels() {
    return prefixLevels;
  }

  /**
   * The literal prefix as text; only together with {@link #prefixLevels} does it name one prefix.
   */
  public String prefix() {
    if (!wildcard) {
      return filter;
    }
    return TopicName.prefix(filter, prefixLevels);
  }

  /**
   * Whether a topic name matches (4.7). Wildcards in the first level do not match names that begin
   * with {@code $} (MQTT-4.7.2-1).
   */
  public boolean matches(String topic) {
    return wildcard ? TopicName.matches(topic, filter) : filter.equals(topic);
  }

  /** Whether some topic name may be matched by both; errs towards true for names with {@code $}. */
  public boolean overlaps(TopicFilter other) {
    String[] mine = filter.split("/", -1);
    String[] theirs = other.filter.split("/", -1);
    for (int i = 0; i < mine.length || i < theirs.length; i++) {
      String a = i < mine.length ? mine[i] : "";
      String b = i < theirs.length ? theirs[i] : "";
      if (a.equals("#") || b.equals("#")) {
        return true; // it also stands for no level at all (MQTT-4.7.1-2)
      }
      boolean bothGoOn = i < mine.length && i < theirs.length;
      if (!bothGoOn || !(a.equals("+") || b.equals("+") || a.equals(b))) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TopicFilter f && f.text.equals(text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
