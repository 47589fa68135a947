package io.troupe.deploy.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MQTT.js in Node, over WebSocket and TCP. */
class MqttJsTest extends ClientsTest {
  private static final String SCRIPT =
      """
      const [url, version, topic] = process.argv.slice(1);
      const client = require('mqtt').connect(url, {
        protocolVersion: Number(version), protocolId: version === '3' ? 'MQIsdp' : 'MQTT', reconnectPeriod: 0, clientId: topic.replace('/', '') });
      const fail = (error) => { console.log('failed ' + error); process.exit(1); };
      setTimeout(() => fail('timeout'), 15000);
      client.on('error', fail);
      const left = new Set(['0', '1', '2']);
      client.on('message', (name, payload, packet) => {
        if (name !== topic || payload.toString() !== 'm' + packet.qos) fail(name + payload);
        left.delete(String(packet.qos));
        if (left.size === 0) client.end(false, {}, () => { console.log('done'); process.exit(0); });
      });
      client.on('connect', () => client.subscribe(topic, { qos: 2 }, (error, granted) => {
        if (error || granted[0].qos !== 2) fail(error);
        for (const qos of [0, 1, 2]) client.publish(topic, 'm' + qos, { qos });
      }));
      """;

  @BeforeAll
  static void isInstalled() throws Exception {
    boolean there = Program.isInstalled("node") && run("-e", "require('mqtt')") == 0;
    assumeTrue(
        there || !Program.mayBeMissing(),
        "Node's mqtt is not in target/npm nor in $MQTTJS_NPM_FOLDER (see .ci/run)");
  }

  private static int run(String... arguments) throws Exception {
    try (var node = node(arguments)) {
      return node.awaitExit();
    }
  }

  private static Program node(String... arguments) throws Exception {
    String[] command = new String[arguments.length + 1];
    command[0] = "node";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    var builder = new ProcessBuilder(command);
    String folder = System.getenv().getOrDefault("MQTTJS_NPM_FOLDER", "target/npm");
    builder
        .environment()
        .put("NODE_PATH", Path.of(folder, "node_modules").toAbsolutePath().toString());
    return Program.start(builder);
  }

  @ParameterizedTest
  @CsvSource({"ws, 3", "ws, 4", "ws, 5", "mqtt, 4", "mqtt, 5"})
  void publishAndSubscribe(String transport, String version) throws Exception {
    String url =
        transport.equals("ws")
            ? "ws://127.0.0.1:" + wsPort() + "/mqtt"
            : "mqtt://127.0.0.1:" + port();
    try (var node = node("-e", SCRIPT, url, version, fresh("js/"))) {
      assertEquals(0, node.awaitExit(), node.output());
    }
  }
}
