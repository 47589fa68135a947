package io.troupe.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import io.troupe.protocol.transport.TestCertificates;
import io.troupe.protocol.transport.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerConfigTest {
  @TempDir Path folder;

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("troupe.conf"), text);
  }

  private BrokerConfig load(String text) throws Exception {
    return BrokerConfig.from().file(file(text)).load();
  }

  private List<String> mistakes(String text) throws IOException {
    Path file = file(text);
    return problems(BrokerConfig.from().file(file)).stream()
        .map(p -> p.toString().replace(file + ":", "line ").replace(file.toString(), "file"))
        .toList();
  }

  private static List<ConfigProblem> problems(ConfigSources sources) {
    return assertThrows(InvalidConfiguration.class, sources::load).problems();
  }

  @Test
  void developmentModeListensOnThisMachineOnlyAndNeedsNoPassword() throws Exception {
    BrokerConfig config = BrokerConfig.of(Map.of("troupe.dev", true));

    assertTrue(config.auth().allowAnonymous());
    assertEquals(
        List.of("tcp 1883", "ws 8083"),
        config.listeners().stream().map(l -> l.name() + " " + l.port()).toList());
    assertTrue(config.listeners().stream().allMatch(ListenerConfig::isLoopback));
  }

  @Test
  void theDefaultsAreThoseOfTheReference() throws Exception {
    BrokerConfig config = BrokerConfig.of(Map.of("troupe.dev", true));

    assertEquals(Duration.ofSeconds(10), config.mqtt().connectTimeout());
    assertEquals(MqttConfig.SESSION_NEVER_EXPIRES, config.mqtt().sessionExpiryMaxSeconds());
    assertEquals(1024 * 1024, config.mqtt().maximumPacketSize());
    assertEquals(Qos.EXACTLY_ONCE, config.mqtt().maximumQos());
    assertEquals(64, config.routing().partitions());
    assertEquals(WhenFull.REFUSE_PUBLISHER, config.queue().application().whenFull());
    assertEquals(BrokerConfig.NEVER, config.queue().device().ageMax());
    assertEquals(Path.of("troupe-data").toAbsolutePath(), config.dataDir());
  }

  @Test
  void aGroupHasTheStrategyOfTheFirstRuleThatNamesIt() throws Exception {
    SharedStrategies strategies =
        load("""
                troupe.dev = true
                troupe.routing.shared-strategy = sticky
                troupe.routing.shared-strategies = [
                  "a = random", "m/t/+/*=hash-topic", "job-*-x=least-in-flight", "m=hash-client"
                ]
                """)
            .routing()
            .sharedStrategies();

    Map<String, SharedStrategy> expected =
        Map.of(
            "$share/a/t", SharedStrategy.RANDOM,
            "$share/a/x=y/#", SharedStrategy.RANDOM,
            "$share/m/t/+/u/v", SharedStrategy.HASH_TOPIC,
            "$share/m/t/u", SharedStrategy.HASH_CLIENT,
            "$share/job-1-x/t", SharedStrategy.LEAST_IN_FLIGHT,
            "$share/job--xx-x/t", SharedStrategy.LEAST_IN_FLIGHT,
            "$share/job-x/t", SharedStrategy.STICKY,
            "$share/job-1-xy/t", SharedStrategy.STICKY,
            "$share/b/a", SharedStrategy.STICKY);
    expected.forEach(
        (filter, strategy) ->
            assertEquals(strategy, strategies.of(TopicFilter.of(filter)), filter));
  }

  @Test
  void aGroupsStrategyMustBeKnown() throws Exception {
    assertEquals(
        List.of(
            "line 1: troupe.routing.shared-strategies: expected GROUP=STRATEGY with a strategy as in"
                + " shared-strategy, such as \"billing=hash-client\", found \"a=fastest\""),
        mistakes("troupe { dev = on, routing.shared-strategies = [\"a=fastest\"] }"));
  }

  @Test
  void akkaGetsOurSettingsWhateverTheOrderOfTheClassPath() throws Exception {
    var akka = BrokerConfig.of(Map.of("troupe.dev", true)).akka();

    assertEquals("cluster", akka.getString("akka.actor.provider"));
    assertEquals("troupe.store.journal", akka.getString("akka.persistence.journal.plugin"));
    assertEquals(0, akka.getInt("akka.remote.artery.canonical.port"));
    assertFalse(akka.getBoolean("akka.actor.allow-java-serialization"));
  }

  @Test
  void laterLayersWin() throws Exception {
    Path file =
        file(
            """
            troupe {
              dev = true
              mqtt { receive-maximum = 10, inflight-max = 10, keep-alive-max = 10 }
            }
            """);

    BrokerConfig config =
        BrokerConfig.from()
            .file(file)
            .environment(
                Map.of(
                    "TROUPE_MQTT__INFLIGHT_MAX", "20",
                    "TROUPE_MQTT__KEEP_ALIVE_MAX", "20",
                    "TROUPE_LISTENERS__WS__ORIGINS", "https://a.example, https://b.example",
                    "PATH", "/bin"))
            .options(Map.of("troupe.mqtt.keep-alive-max --some-option", 30))
            .load();

    assertEquals(10, config.mqtt().receiveMaximum());
    assertEquals(20, config.mqtt().inflightMax());
    assertEquals(30, config.mqtt().keepAliveMaxSeconds());
    assertEquals(
        List.of("https://a.example", "https://b.example"), config.listeners().get(1).origins());
  }

  @Test
  void allMistakesAreReportedWithTheirLines() throws IOException {
    List<String> mistakes =
        mistakes(
            """
            troupe {
              dev = perhaps
              mqtt {
                receive-maximum = 70000
                recieve-maximum = 5
                maximum-packet-size = huge
                maximum-qos = 1.5
                connect-timeout = 1h
              }
              queue.device.when-full = explode
              session = 5
              listeners.tpc.port = 1884
              retained.partitions = null
            }
            trope.dev = true
            """);

    assertEquals(
        List.of(
            "line 2: troupe.dev: expected on or off, found \"perhaps\"",
            "line 4: troupe.mqtt.receive-maximum: expected a whole number from 1 to 65535, found"
                + " 70000",
            "line 5: troupe.mqtt.recieve-maximum: unknown key; did you mean"
                + " troupe.mqtt.receive-maximum?",
            "line 6: troupe.mqtt.maximum-packet-size: expected a size from 1 KiB to 256 MiB, such"
                + " as 64 KiB, found \"huge\"",
            "line 7: troupe.mqtt.maximum-qos: expected a whole number from 0 to 2, found 1.5",
            "line 8: troupe.mqtt.connect-timeout: expected a duration from 100ms to 5m, such as"
                + " 10s, found \"1h\"",
            "line 10: troupe.queue.device.when-full: expected one of drop-oldest, drop-newest,"
                + " refuse-publisher, found \"explode\"",
            "line 11: troupe.session: expected a section { ... }",
            "line 12: troupe.listeners.tpc: unknown key; did you mean troupe.listeners.tcp?",
            "line 13: troupe.retained.partitions: expected a whole number from 1 to 1024, found"
                + " nothing",
            "line 15: trope: unknown key; did you mean troupe?"),
        mistakes.stream().filter(m -> m.startsWith("line")).toList());
  }

  @Test
  void syntaxErrorsNameTheirLine() throws IOException {
    List<String> mistakes = mistakes("troupe {\n  dev = true\n  mqtt { = }\n}\n");

    assertEquals(1, mistakes.size());
    assertTrue(mistakes.get(0).startsWith("line 3: "), mistakes.get(0));
  }

  @Test
  void unresolvedSubstitutionsAreMistakes() throws IOException {
    List<String> mistakes = mistakes("troupe.dev = ${nowhere}\n");

    assertEquals(1, mistakes.size());
    assertTrue(mistakes.get(0).contains("nowhere"), mistakes.get(0));
  }

  @Test
  void aMissingFileIsAMistake() {
    List<ConfigProblem> problems = problems(BrokerConfig.from().file(folder.resolve("none.conf")));

    assertTrue(problems.get(0).message().startsWith("no such file"));
  }

  @Test
  void unknownVariablesAreMistakesButThoseOfKubernetesAreNot() {
    List<ConfigProblem> problems =
        problems(
            BrokerConfig.from()
                .environment(
                    Map.of(
                        "TROUPE_DEV", "true",
                        "TROUPE_MQTT__RETIAN", "off",
                        "TROUPE_SERVICE_HOST", "10.0.0.1",
                        "TROUPE_PORT", "tcp://10.0.0.1:1883",
                        "TROUPE_PORT_1883_TCP_ADDR", "10.0.0.1",
                        "TROUPE_HEADLESS_SERVICE_PORT_MQTT", "1883")));

    assertEquals(
        "[environment variable TROUPE_MQTT__RETIAN: troupe.mqtt.retian: unknown key; did you mean"
            + " troupe.mqtt.retain?]",
        problems.toString());
  }

  @Test
  void optionsAreNamedInTheirMistakes() {
    List<ConfigProblem> problems =
        problems(
            BrokerConfig.from()
                .options(
                    Map.of("troupe.dev --dev", true, "troupe.listeners.tcp.port --port", 99999)));

    assertEquals("option --port", problems.get(0).where());
  }

  @Test
  void withoutPasswordFileNobodyCouldLogInOutsideDevelopment() throws IOException {
    List<String> mistakes = mistakes("troupe.mqtt.retain = on\n");

    assertEquals(1, mistakes.size());
    assertTrue(mistakes.get(0).contains("troupe passwd"), mistakes.get(0));
  }

  @Test
  void anonymousClientsFromElsewhereNeedASecondWord() throws Exception {
    List<String> refused = mistakes("troupe.auth.allow-anonymous = true\n");
    BrokerConfig onLoopback =
        load(
            """
            troupe.auth.allow-anonymous = true
            troupe.listeners { tcp.bind = "127.0.0.1", ws.bind = "::1" }
            """);
    BrokerConfig explicitly =
        load(
            """
            troupe.auth { allow-anonymous = true, allow-anonymous-remote = true }
            """);
    List<String> developmentElsewhere =
        mistakes("troupe { dev = true, listeners.tcp.bind = \"0.0.0.0\" }\n");

    assertEquals(1, refused.size());
    assertTrue(refused.get(0).startsWith("line 1: troupe.auth.allow-anonymous: listener tcp"));
    assertTrue(onLoopback.auth().allowAnonymous());
    assertTrue(explicitly.auth().allowAnonymous());
    assertEquals(1, developmentElsewhere.size());
  }

  @Test
  void aPasswordFileTurnsAnonymousOffInDevelopmentToo() throws Exception {
    Files.writeString(folder.resolve("users"), "");

    BrokerConfig config = load("troupe { dev = true, auth.password-file = users }\n");

    assertFalse(config.auth().allowAnonymous());
    assertEquals(folder.resolve("users"), config.auth().passwordFile());
  }

  @Test
  void aMissingPasswordFileIsOneMistake() throws IOException {
    List<String> mistakes = mistakes("troupe.auth.password-file = users\n");

    assertEquals(
        List.of("line 1: troupe.auth.password-file: no such file: " + folder.resolve("users")),
        mistakes);
  }

  @Test
  void listenersWithEncryptionNeedACertificate() throws Exception {
    TestCertificates.make(folder, "server");

    List<String> without =
        mistakes(
            """
            troupe.auth { allow-anonymous = true, allow-anonymous-remote = true }
            troupe.listeners.tls.enabled = on
            """);
    BrokerConfig with =
        load(
            """
            troupe.dev = true
            troupe.listeners.tls { certificate-chain = server.crt, private-key = server.key }
            """);
    BrokerConfig development = load("troupe { dev = true, listeners.wss.enabled = on }\n");

    assertEquals(1, without.size());
    assertTrue(without.get(0).contains("two PEM files"));
    assertEquals("tls", with.listeners().get(1).name());
    assertNull(development.listeners().get(2).certificateChain());
    assertEquals(
        Path.of("c"),
        development
            .withCertificate(Path.of("c"), Path.of("k"))
            .listeners()
            .get(2)
            .certificateChain());
  }

  @Test
  void ownListenersTakeWhatTheyDoNotSetFromTheirTransport() throws Exception {
    BrokerConfig config =
        load(
            """
            troupe.dev = true
            troupe.listeners.inside { transport = ws, port = 9001, connections-max = 5 }
            """);

    ListenerConfig inside = config.listeners().get(0);
    assertEquals("inside", inside.name());
    assertEquals(Transport.WS, inside.transport());
    assertEquals("/mqtt", inside.path());
    assertEquals(5, inside.connectionsMax());
  }

  @Test
  void twoUsersOfOnePortAreAMistake() throws IOException {
    List<String> mistakes =
        mistakes("troupe { dev = true\n listeners.ws.port = 1883\n http.port = 1883 }\n");

    assertEquals(
        List.of(
            "line 2: troupe.listeners.ws.port: port 1883 is already taken by"
                + " troupe.listeners.tcp.port",
            "line 3: troupe.http.port: port 1883 is already taken by troupe.listeners.tcp.port"),
        mistakes);
  }

  @Test
  void pathsCountFromTheFolderOfTheFile() throws Exception {
    BrokerConfig config = load("troupe { dev = true, data-dir = state }\n");

    assertEquals(folder.resolve("state"), config.dataDir());
    assertEquals(folder.resolve("state/store"), config.store().directory());
  }

  @Test
  void everyKeyOfTheReferenceBelongsToASection() {
    var reference = ConfigSources.reference();

    assertEquals(
        List.of("troupe"),
        reference.root().keySet().stream()
            .filter(k -> !Set.of("akka", "kamon", "datastax-java-driver").contains(k))
            .filter(k -> !k.endsWith("dispatcher"))
            .toList());
  }

  private static final String CASSANDRA = "troupe { dev = true, store.kind = cassandra }\n";

  @Test
  void aClusterNeedsAPortAndASharedStore() throws Exception {
    List<String> mistakes =
        mistakes(
            """
            troupe.dev = true
            troupe.cluster.seed-nodes = ["10.0.0.1:2551", "nowhere"]
            """);

    assertEquals(
        List.of("seed-nodes", "kind", "port"),
        mistakes.stream().map(m -> m.replaceAll(".*troupe\\.\\S*\\.(\\S+): .*", "$1")).toList());
    assertFalse(
        load(CASSANDRA + "troupe.cluster { port = 2551, seed-nodes = [\"10.0.0.1:2551\"] }\n")
            .cluster()
            .isSingleNode());
  }

  @Test
  void aNodeHasOneOrBothRolesAndASingleNodeBoth() throws Exception {
    List<String> mistakes = mistakes("troupe { dev = true, cluster.roles = [clients, cook] }\n");
    List<String> single = mistakes("troupe { dev = true, cluster.roles = [clients] }\n");
    List<String> none = mistakes("troupe { dev = true, cluster.roles = [] }\n");
    BrokerConfig storing =
        load(
            CASSANDRA
                + """
                troupe.cluster { port = 2551, seed-nodes = ["10.0.0.1:2551"], roles = [storage] }
                """);

    assertEquals(1, mistakes.size(), mistakes::toString);
    assertTrue(mistakes.get(0).contains("found \"cook\""), mistakes.get(0));
    assertEquals(1, single.size(), single::toString);
    assertTrue(single.get(0).contains("which a single node needs"), single.get(0));
    assertEquals(1, none.size(), none::toString);
    assertEquals(List.of(), storing.listeners());
    assertEquals(List.of("storage"), storing.akka().getStringList("akka.cluster.roles"));
  }

  @Test
  void discoveryNeedsANameAndTheManagementPort() throws Exception {
    List<String> mistakes =
        mistakes(
            CASSANDRA
                + """
                troupe.cluster {
                  port = 2551, discovery = dns, seed-nodes = ["10.0.0.1:2551"]
                  management { enabled = off, port = 0 }
                }
                """);
    BrokerConfig config =
        load(
            CASSANDRA
                + """
                troupe.cluster {
                  bind = "0.0.0.0", host = "10.0.0.1", port = 2551
                  discovery = kubernetes, service-name = mqtt, required-contact-points = 3
                }
                """);
    var akka = config.akka().getConfig("akka.management");

    assertEquals(4, mistakes.size(), mistakes::toString);
    assertTrue(config.cluster().management().enabled());
    assertEquals("0.0.0.0", akka.getString("http.bind-hostname"));
    assertEquals("10.0.0.1", akka.getString("http.hostname"));
    var found = akka.getConfig("cluster.bootstrap.contact-point-discovery");
    assertEquals("kubernetes-api", found.getString("discovery-method"));
    assertEquals("management", found.getString("port-name"));
    assertEquals(3, found.getInt("required-contact-point-nr"));
  }

  @Test
  void anAddressThatOthersCannotReachIsAMistake() throws Exception {
    List<String> mistakes =
        mistakes(
            CASSANDRA
                + """
                troupe.cluster { bind = "0.0.0.0", host = "127.0.0.1", port = 2551 }
                troupe.cluster.seed-nodes = ["10.0.0.1:2551"]
                """);

    assertEquals(1, mistakes.size(), mistakes::toString);
    assertTrue(mistakes.get(0).contains("troupe.cluster.host"), mistakes.get(0));
  }

  @Test
  void tlsBetweenNodesNeedsThreeFilesThatFit() throws Exception {
    Files.writeString(folder.resolve("chain.pem"), "no certificate");

    List<String> incomplete = mistakes("troupe { dev = true, cluster.tls.ca = chain.pem }\n");
    List<String> damaged =
        mistakes(
            """
            troupe.dev = true
            troupe.cluster.tls { certificate-chain = chain.pem, private-key = chain.pem, ca = chain.pem }
            """);

    assertEquals(1, incomplete.size(), incomplete::toString);
    assertTrue(incomplete.get(0).contains("private-key and ca"), incomplete.get(0));
    assertEquals(2, damaged.size(), damaged::toString);
    assertTrue(damaged.get(0).contains("tls.certificate-chain: "), damaged.get(0));
    assertTrue(damaged.get(1).contains("tls.ca: "), damaged.get(1));
  }
}
