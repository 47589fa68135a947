package io.troupe.broker.auth;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rules of a file, as read at one moment; immutable.
 *
 * <pre>
 * user alice
 *   allow publish   plant/%u/#
 *   deny  subscribe plant/secret/#
 * all
 *   allow subscribe plant/#
 * </pre>
 *
 * <p>The file is read from top to bottom; the first rule that applies to the client and fits the
 * topic decides; if none does, the answer is no. Rules below {@code user NAME} apply to that user,
 * below {@code all} to every client. {@code %c} and {@code %u} stand for client id and user name; a
 * rule whose name would contain {@code + # /} or NUL never applies.
 *
 * <p>A subscription is decided by the first rule that covers its whole filter, so {@code #} may be
 * subscribed although {@code secret/#} is denied before; those messages are held back at delivery.
 */
public final class AclRules implements Authorizer {
  private final Map<String, List<AclRule>> byUser;
  private final List<AclRule> forAll;

  private AclRules(Map<String, List<AclRule>> byUser, List<AclRule> forAll) {
    this.byUser = Map.copyOf(byUser);
    this.forAll = List.copyOf(forAll);
  }

  /**
   * Reads the whole file.
   *
   * @throws MalformedFileException if a line is not understood or there is no rule at all
   * @throws IOException if it cannot be read
   */
  public static AclRules read(Path file) throws IOException, MalformedFileException {
    Parser parser = new Parser(file);
    for (String line : PasswordFile.lines(file)) {
      parser.line(line);
    }
    parser.end();
    return parser.rules();
  }

  /**
   * Everything that is wrong with the lines of such a file.
   *
   * @param file its name in the messages
   */
  public static List<String> mistakes(Path file, List<String> lines) {
    return LineParser.mistakes(new Parser(file), lines);
  }

  @Override
  public boolean mayPublish(Identity identity, String topic, Qos qos, boolean retain) {
    for (AclRule rule : rulesOf(identity)) {
      if (rule.publish() && rule.matchesTopic(identity, topic)) {
        return rule.allow();
      }
    }
    return false;
  }

  @Override
  public boolean maySubscribe(Identity identity, TopicFilter filter) {
    for (AclRule rule : rulesOf(identity)) {
      if (rule.subscribe() && rule.covers(identity, filter)) {
        return rule.allow();
      }
    }
    return false;
  }

  @Override
  public boolean mayReceive(Identity identity, String topic) {
    for (AclRule rule : rulesOf(identity)) {
      if (rule.subscribe() && rule.matchesTopic(identity, topic)) {
        return rule.allow();
      }
    }
    return false;
  }

  private List<AclRule> rulesOf(Identity identity) {
    String username = identity.username();
    return username == null ? forAll : byUser.getOrDefault(username, forAll);
  }

  private static final class Parser implements LineParser {
    private record Entry(@Nullable String user, AclRule rule) {}

    private static final String EXPECTED =
        "expected \"user NAME\", \"all\", or \"allow|deny publish|subscribe|all FILTER\"";

    private final Path file;
    private final List<Entry> entries = new ArrayList<>();
    private int number;
    private boolean inSection;
    private @Nullable String user;

    Parser(Path file) {
      this.file = file;
    }

    @Override
    public void line(String text) throws MalformedFileException {
      number++;
      String line = text.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        return;
      }
      String[] words = line.split("\\s+", 3);
      if (line.equals("all")) {
        inSection = true;
        user = null;
      } else if (words[0].equals("user") && words.length > 1) {
        inSection = true;
        user = line.substring("user".length()).strip();
      } else if (words.length == 3 && (words[0].equals("allow") || words[0].equals("deny"))) {
        rule(words);
      } else {
        throw new MalformedFileException(file, number, EXPECTED);
      }
    }

    private void rule(String[] words) throws MalformedFileException {
      if (!inSection) {
        throw new MalformedFileException(
            file, number, "a rule before the first \"user NAME\" or \"all\"");
      }
      boolean both = words[1].equals("all");
      boolean publish = both || words[1].equals("publish");
      boolean subscribe = both || words[1].equals("subscribe");
      if (!publish && !subscribe) {
        throw new MalformedFileException(file, number, EXPECTED);
      }
      AclRule rule =
          AclRule.of(words[0].equals("allow"), publish, subscribe, words[2])
              .orElseThrow(
                  () ->
                      new MalformedFileException(
                          file, number, "not a topic filter: \"" + words[2] + '"'));
      entries.add(new Entry(user, rule));
    }

    @Override
    public void end() throws MalformedFileException {
      if (entries.isEmpty()) {
        throw new MalformedFileException(
            file,
            0,
            "no rule in it, so nobody could do anything; leave acl-file empty for no rules");
      }
    }

    AclRules rules() {
      Map<String, List<AclRule>> byUser = new HashMap<>();
      for (Entry entry : entries) {
        if (entry.user != null) {
          byUser.computeIfAbsent(entry.user, this::rulesFor);
        }
      }
      return new AclRules(byUser, rulesFor(null));
    }

    /** In the order of the file; null for clients that no user section names. */
    private List<AclRule> rulesFor(@Nullable String name) {
      return entries.stream()
          .filter(e -> e.user == null || e.user.equals(name))
          .map(Entry::rule)
          .toList();
    }
  }
}
