package io.troupe.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.troupe.broker.auth.PasswordHash;
import io.troupe.broker.wire.BrokerUnderTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** mosquitto_pub, mosquitto_sub and mosquitto_rr. */
class MosquittoToolsTest extends ClientsTest {
  @TempDir private Path dir;

  @BeforeAll
  static void areInstalled() {
    assumeTrue(
        Program.isInstalled("mosquitto_pub") || !Program.mayBeMissing(),
        "mosquitto_pub is not installed (apt-get install mosquitto-clients)");
  }

  private static Program run(String tool, String version, String... arguments) throws Exception {
    // Without a terminal the tools would keep their output to themselves until they end.
    List<String> command = new ArrayList<>(List.of("stdbuf", "-oL", tool, "-h", "127.0.0.1"));
    command.addAll(List.of("-V", version));
    command.addAll(List.of("-p", String.valueOf(port())));
    command.addAll(List.of(arguments));
    return Program.start(command.toArray(new String[0]));
  }

  private static void publish(String version, String... arguments) throws Exception {
    try (var publisher = run("mosquitto_pub", version, arguments)) {
      assertEquals(0, publisher.awaitExit(), publisher.output());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mqttv31, 0", "mqttv31, 1", "mqttv31, 2",
    "mqttv311, 0", "mqttv311, 1", "mqttv311, 2",
    "mqttv5, 0", "mqttv5, 1", "mqttv5, 2"
  })
  void publishAndSubscribe(String version, String qos) throws Exception {
    String topic = fresh("tools/");
    try (var subscriber =
        run("mosquitto_sub", version, "-d", "-t", topic, "-q", qos, "-C", "1", "-F", "%q %t %p")) {
      subscriber.awaitLine("Subscribed");

      publish(version, "-t", topic, "-q", qos, "-m", "hello");

      subscriber.awaitLine(qos + " " + topic + " hello");
      assertEquals(0, subscriber.awaitExit());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
  void retainedAndDeleted(String version) throws Exception {
    String topic = fresh("tools/");
    publish(version, "-t", topic, "-q", "1", "-r", "-m", "kept");
    try (var subscriber = run("mosquitto_sub", version, "-t", topic, "-C", "1", "-F", "%r %p")) {
      subscriber.awaitLine("1 kept");
    }
    publish(version, "-t", topic, "-q", "1", "-r", "-n");
    try (var subscriber = run("mosquitto_sub", version, "-d", "-t", topic, "-W", "1")) {
      subscriber.awaitLine("Subscribed");
      assertEquals(27, subscriber.awaitExit(), "timed out without a message");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
  void aSessionKeepsMessages(String version) throws Exception {
    String topic = fresh("tools/");
    String id = fresh("keeper");
    List<String> session = new ArrayList<>(List.of("-i", id, "-c", "-t", topic, "-q", "1"));
    if (version.equals("mqttv5")) {
      session.addAll(List.of("-x", "600"));
    }
    List<String> first = new ArrayList<>(session);
    first.add("-E");
    try (var subscriber = run("mosquitto_sub", version, first.toArray(new String[0]))) {
      assertEquals(0, subscriber.awaitExit(), subscriber.output());
    }
    for (int i = 0; i < 5; i++) {
      publish(version, "-t", topic, "-q", "1", "-m", "kept" + i);
    }

    session.addAll(List.of("-C", "5"));
    try (var subscriber = run("mosquitto_sub", version, session.toArray(new String[0]))) {
      for (int i = 0; i < 5; i++) {
        assertEquals("kept" + i, subscriber.awaitLine("kept"));
      }
      assertEquals(0, subscriber.awaitExit());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
  void aKilledClientLeavesItsWill(String version) throws Exception {
    String topic = fresh("tools/");
    try (var watcher = run("mosquitto_sub", version, "-d", "-t", topic, "-C", "1");
        var victim =
            run(
                "mosquitto_sub",
                version,
                "-d",
                "-t",
                fresh("tools/"),
                "--will-topic",
                topic,
                "--will-payload",
                "farewell")) {
      watcher.awaitLine("Subscribed");
      victim.awaitLine("Subscribed");

      victim.kill();

      watcher.awaitLine("farewell");
    }
  }

  @Test
  void requestAndResponse() throws Exception {
    String topic = fresh("ask/");
    try (var answerer =
        run("mosquitto_sub", "mqttv5", "-d", "-t", topic, "-C", "1", "-F", "%R %D")) {
      answerer.awaitLine("Subscribed");
      String reply = fresh("reply/");
      try (var asker =
          run(
              "mosquitto_rr",
              "mqttv5",
              "-t",
              topic,
              "-e",
              reply,
              "-m",
              "question",
              "-q",
              "1",
              "-D",
              "publish",
              "correlation-data",
              "c0ffee")) {
        answerer.awaitLine(reply + " c0ffee");
        publish(
            "mqttv5",
            "-t",
            reply,
            "-m",
            "answer",
            "-q",
            "1",
            "-D",
            "publish",
            "correlation-data",
            "c0ffee");
        asker.awaitLine("answer");
        assertEquals(0, asker.awaitExit());
      }
    }
  }

  @Test
  void sharedSubscriptions() throws Exception {
    String topic = fresh("tools/");
    String filter = "$share/group/" + topic;
    try (var one = run("mosquitto_sub", "mqttv5", "-d", "-t", filter, "-q", "1", "-C", "2");
        var two = run("mosquitto_sub", "mqttv311", "-d", "-t", filter, "-q", "1", "-C", "2")) {
      one.awaitLine("Subscribed");
      two.awaitLine("Subscribed");

      for (int i = 0; i < 4; i++) {
        publish("mqttv5", "-t", topic, "-q", "1", "-m", "part" + i);
      }

      one.awaitLine("part");
      two.awaitLine("part");
      assertEquals(0, one.awaitExit());
      assertEquals(0, two.awaitExit());
    }
  }

  @Test
  void messageProperties() throws Exception {
    String topic = fresh("tools/");
    try (var subscriber =
        run("mosquitto_sub", "mqttv5", "-d", "-t", topic, "-C", "1", "-F", "%C|%P|%E|%p")) {
      subscriber.awaitLine("Subscribed");
      publish(
          "mqttv5",
          "-t",
          topic,
          "-m",
          "x",
          "-D",
          "publish",
          "content-type",
          "text/plain",
          "-D",
          "publish",
          "user-property",
          "name",
          "value",
          "-D",
          "publish",
          "message-expiry-interval",
          "100");
      String line = subscriber.awaitLine("text/plain|");
      assertTrue(line.matches("text/plain\\|name:value\\|(100|99)\\|x"), line);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
  void wrongOptionsAreAnswered(String version) throws Exception {
    try (var nobody = run("mosquitto_sub", version, "-t", "a", "-i", "", "-c")) {
      assertNotEquals(0, nobody.awaitExit());
    }
    try (var tooDeep = run("mosquitto_sub", version, "-d", "-t", "/".repeat(150), "-W", "5")) {
      tooDeep.awaitLine("All subscription requests were denied");
    }
    // The broker is well.
    publish(version, "-t", fresh("tools/"), "-m", "x", "-q", "2");
  }

  @ParameterizedTest
  @CsvSource({
    "mqttv31, user name or password, not authori",
    "mqttv311, user name or password, not authori",
    "mqttv5, user name or password, not authori"
  })
  void wrongCredentialsAreToldApartFromNone(String version, String wrong, String none)
      throws Exception {
    var hash = PasswordHash.of("right".getBytes(StandardCharsets.UTF_8), new SecureRandom());
    Path passwords = Files.writeString(dir.resolve("passwords"), "someone:" + hash.text() + "\n");
    var settings =
        Map.of(
            "troupe.auth.allow-anonymous",
            false,
            "troupe.auth.password-file",
            passwords.toString());
    try (var guarded = BrokerUnderTest.start(settings)) {
      String port = String.valueOf(guarded.port());
      List<String> publish = List.of("-p", port, "-t", "t", "-m", "x", "-q", "1");
      assertRefused(wrong, version, publish, "-u", "someone", "-P", "wrong");
      assertRefused(none, version, publish);
      try (var welcome =
          run(
              "mosquitto_pub",
              version,
              "-p",
              port,
              "-t",
              "t",
              "-m",
              "x",
              "-q",
              "1",
              "-u",
              "someone",
              "-P",
              "right")) {
        assertEquals(0, welcome.awaitExit(), welcome.output());
      }
    }
  }

  private static void assertRefused(
      String reason, String version, List<String> publish, String... credentials) throws Exception {
    List<String> arguments = new ArrayList<>(publish);
    arguments.addAll(List.of(credentials));
    try (var refused = run("mosquitto_pub", version, arguments.toArray(new String[0]))) {
      assertNotEquals(0, refused.awaitExit());
      String output = refused.output().toLowerCase(Locale.ROOT);
      assertTrue(output.contains(reason), output);
    }
  }
}
