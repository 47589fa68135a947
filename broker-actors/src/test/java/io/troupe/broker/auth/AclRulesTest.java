package io.troupe.broker.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.topic.TopicName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AclRulesTest {
  @TempDir Path folder;

  private AclRules rules(String text) throws Exception {
    return AclRules.read(Files.writeString(folder.resolve("acl"), text));
  }

  private String mistake(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("acl"), text);
    return assertThrows(MalformedFileException.class, () -> AclRules.read(file))
        .getMessage()
        .replace(file.toString(), "acl");
  }

  private static boolean publishes(AclRules rules, Identity identity, String topic) {
    return rules.mayPublish(identity, topic, Qos.AT_LEAST_ONCE, false);
  }

  private static boolean subscribes(AclRules rules, Identity identity, String filter) {
    return rules.maySubscribe(identity, TopicFilter.of(filter));
  }

  @Test
  void theFirstRuleThatFitsDecidesAndNoneMeansNo() throws Exception {
    AclRules rules =
        rules(
            """
            user alice
              deny  publish plant/secret
              allow publish plant/#
            all
              allow subscribe plant/+/state
            """);
    Identity alice = Identity.user("alice", "a1");
    Identity bob = Identity.user("bob", "b1");

    assertTrue(publishes(rules, alice, "plant/1"));
    assertFalse(publishes(rules, alice, "plant/secret"));
    assertFalse(publishes(rules, alice, "other"));
    assertFalse(publishes(rules, bob, "plant/1"));
    assertTrue(subscribes(rules, bob, "plant/7/state"));
    assertTrue(subscribes(rules, bob, "$share/g/plant/+/state"));
    assertFalse(subscribes(rules, bob, "plant/#"));
    assertTrue(rules.mayReceive(Identity.anonymous("x"), "plant/1/state"));
  }

  @Test
  void rulesForAllComeInTheirPlaceOfTheFile() throws Exception {
    AclRules rules =
        rules(
            """
            all
              deny all locked/#
            user alice
              allow all #
            """);

    assertFalse(publishes(rules, Identity.user("alice", "a"), "locked/1"));
    assertTrue(publishes(rules, Identity.user("alice", "a"), "open/1"));
  }

  @Test
  void aWideSubscriptionIsGrantedAndDeniedTopicsHeldBackAtDelivery() throws Exception {
    AclRules rules =
        rules(
            """
            all
              deny subscribe secret/#
              allow subscribe #
            """);
    Identity client = Identity.anonymous("c");

    assertTrue(subscribes(rules, client, "#"));
    assertFalse(subscribes(rules, client, "secret/x"));
    assertFalse(rules.mayReceive(client, "secret/x"));
    assertTrue(rules.mayReceive(client, "public"));
    assertFalse(rules.mayReceive(client, "$SYS/broker/uptime"));
  }

  @Test
  void placeholdersStandForTheClientsNames() throws Exception {
    AclRules rules =
        rules(
            """
            all
              allow publish user/%u/dev-%c/data
            """);

    assertTrue(publishes(rules, Identity.user("al", "7"), "user/al/dev-7/data"));
    assertFalse(publishes(rules, Identity.user("al", "7"), "user/al/dev-8/data"));
    assertTrue(publishes(rules, Identity.user("%c", "%u"), "user/%c/dev-%u/data"));
  }

  @Test
  @Promise("F10")
  void namesThatWouldChangeTheTopicNeverFit() throws Exception {
    AclRules rules =
        rules(
            """
            all
              allow all user/%u/#
              allow all client/%c/#
            """);

    assertFalse(publishes(rules, Identity.user("+", "c"), "user/bob/x"));
    assertFalse(publishes(rules, Identity.user("#", "c"), "user/bob/x"));
    assertFalse(publishes(rules, Identity.user("a/b", "c"), "user/a/b/x"));
    assertFalse(publishes(rules, Identity.user("", "c"), "user//x"));
    assertFalse(publishes(rules, Identity.anonymous("c"), "user/null/x"));
    assertFalse(subscribes(rules, Identity.anonymous("+"), "client/+/x"));
    assertFalse(publishes(rules, Identity.user("a\0c", "c"), "user/ac/x"));
  }

  @Test
  @Promise("F10")
  void aDenyWithPlaceholderDoesNotFitUnsafeNamesEither() throws Exception {
    AclRules rules =
        rules(
            """
            all
              deny all user/%u/#
              allow all #
            """);

    assertTrue(publishes(rules, Identity.user("+", "c"), "user/bob/x"));
  }

  @Test
  void mistakesNameTheirLine() throws IOException {
    assertEquals("acl:2: not a topic filter: \"a#b\"", mistake("all\nallow publish a#b\n"));
    assertTrue(mistake("allow publish a\n").startsWith("acl:1: a rule before"));
    assertTrue(mistake("all\npermit publish a\n").startsWith("acl:2: expected"));
    assertTrue(mistake("all\nallow write a\n").startsWith("acl:2: expected"));
    assertTrue(mistake("all\nallow publish\n").startsWith("acl:2: expected"));
    assertTrue(mistake("user\nallow publish a\n").startsWith("acl:1: expected"));
    assertTrue(mistake("all\n").startsWith("acl: no rule"));
  }

  @Test
  void withoutFileEverythingIsAllowedButTheBrokersOwnTopics() {
    Authorizer open = new OpenAuthorizer();
    Identity client = Identity.anonymous("c");

    assertTrue(open.mayPublish(client, "a", Qos.EXACTLY_ONCE, true));
    assertFalse(open.mayPublish(client, "$SYS/broker/uptime", Qos.AT_MOST_ONCE, false));
    assertTrue(open.maySubscribe(client, TopicFilter.of("$SYS/#")));
    assertTrue(open.mayReceive(client, "$SYS/broker/uptime"));
  }

  @Property(tries = 5000)
  void aRuleThatCoversAFilterMatchesEveryTopicOfIt(
      @ForAll("filters") String rule,
      @ForAll("filters") String filter,
      @ForAll("topics") String t) {
    boolean within = AclRule.covers(rule, filter) && TopicName.matches(t, filter);

    assertTrue(!within || TopicName.matches(t, rule), rule + " covers " + filter + " but not " + t);
  }

  @Provide
  Arbitrary<String> filters() {
    return Arbitraries.of("a", "b", "+", "#", "", "$s")
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(levels -> String.join("/", levels))
        .filter(text -> TopicFilter.parse(text).isPresent());
  }

  @Provide
  Arbitrary<String> topics() {
    return Arbitraries.of("a", "b", "", "$s")
        .list()
        .ofMinSize(1)
        .ofMaxSize(3)
        .map(levels -> String.join("/", levels))
        .filter(text -> !text.isEmpty());
  }
}
