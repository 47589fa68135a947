package io.troupe.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting and stopping the broker as a user does. */
class StartTest {
  @TempDir Path folder;

  private static HttpResponse<String> get(int port, String path) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  @Promise("I21")
  void aStartTellsWhatItDoesAndSigtermEndsItInOrder() throws Exception {
    try (TroupeProcess broker = TroupeProcess.startDev(folder)) {
      int mqtt = broker.port("tcp");
      assertTrue(mqtt > 0 && broker.port("ws") > 0);
      assertTrue(broker.output().contains("development mode"), broker.output());
      assertEquals(200, get(broker.httpPort(), "/health/ready").statusCode());
      assertEquals(200, get(broker.httpPort(), "/health/live").statusCode());
      assertTrue(get(broker.httpPort(), "/api/v1/status").body().contains("\"port\":" + mqtt));
      assertEquals(
          "rwx------",
          PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))));

      assertEquals(0, broker.terminate(), broker.output());
      assertTrue(broker.output().endsWith("stopping\nstopped"), broker.output());
    }
  }

  @Test
  @Promise("F14")
  void whatItWritesIsItsUsersAloneAndItsAgeIsItsOwn() throws Exception {
    String start = "start --dev --data data --port 0 --ws-port 0 --http-port 0 --tls-port 0";
    String script = "umask 000; echo waiting; read go; exec \"$0\" " + start;
    try (TroupeProcess broker = TroupeProcess.shell(folder, script)) {
      broker.awaitLine("waiting");
      Instant called = Instant.now().truncatedTo(ChronoUnit.MILLIS);
      broker.type("go\n");
      broker.awaitLine("ready in .*");

      Matcher startedAt =
          Pattern.compile("\"startedAt\":\"([^\"]+)\"")
              .matcher(get(broker.httpPort(), "/api/v1/status").body());
      assertTrue(startedAt.find());
      assertFalse(Instant.parse(startedAt.group(1)).isBefore(called), startedAt.group(1));
      assertEquals(0, broker.terminate(), broker.output());
    }
    assertOwnerOnly(folder.resolve("data"));
  }

  private static void assertOwnerOnly(Path data) throws Exception {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.toList()) {
        assertEquals(
            Files.isDirectory(file) ? "rwx------" : "rw-------",
            PosixFilePermissions.toString(Files.getPosixFilePermissions(file)),
            file.toString());
      }
    }
  }

  @Test
  @Promise("I22")
  void aBrokerThatWasKilledStartsAgain() {
    try (TroupeProcess broker = TroupeProcess.startDev(folder)) {
      broker.kill();
    }
    try (TroupeProcess again = TroupeProcess.startDev(folder)) {
      assertEquals(0, again.terminate(), again.output());
    }
  }

  @Test
  void aTakenPortIsNamedWithItsOption() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      for (String option : new String[] {"--port", "--ws-port", "--http-port"}) {
        try (TroupeProcess broker = startOn(option, port)) {
          assertEquals(4, broker.awaitExit(), broker.output());
          assertTrue(broker.output().contains("cannot bind"), broker.output());
          assertTrue(broker.output().contains(":" + port), broker.output());
          assertTrue(broker.output().contains(option), broker.output());
          assertFalse(broker.output().contains("ready in"), broker.output());
          assertFalse(broker.output().contains("Exception"), broker.output());
        }
      }
    }
  }

  private TroupeProcess startOn(String option, String port) {
    String[] command = {
      "start", "--dev", "--data", "data", "--port", "0", "--ws-port", "0", "--http-port", "0"
    };
    for (int i = 0; i < command.length; i++) {
      if (command[i].equals(option)) {
        command[i + 1] = port;
      }
    }
    return TroupeProcess.run(folder, Map.of(), command);
  }

  @Test
  void aDataFolderServesOneBrokerAtATime() {
    try (TroupeProcess first = TroupeProcess.startDev(folder);
        TroupeProcess second = startOn("", "")) {
      assertEquals(4, second.awaitExit(), second.output());
      assertTrue(second.output().contains("in use by process " + first.pid()), second.output());
      assertEquals(0, first.terminate(), first.output());
    }
  }

  @Test
  void aDataFolderThatCannotBeMadeIsNamed() throws Exception {
    Files.writeString(folder.resolve("data"), "a file, not a folder");
    try (TroupeProcess broker = startOn("", "")) {
      assertEquals(4, broker.awaitExit(), broker.output());
      assertTrue(broker.output().contains(folder.resolve("data").toString()), broker.output());
      assertTrue(broker.output().contains("--data"), broker.output());
    }
  }

  @Test
  void developmentModeMakesItsOwnCertificate() {
    try (TroupeProcess broker =
        TroupeProcess.startDev(folder, "--tls-port", "0", "--wss-port", "0")) {
      String ca = folder.resolve("data/dev-tls/ca.pem").toString();
      int tls = broker.port("tls");
      assertTrue(broker.port("wss") > 0);
      assertTrue(
          broker.output().contains("mosquitto_pub --cafile " + ca + " -p " + tls), broker.output());
      assertEquals(0, broker.terminate(), broker.output());
    }
  }

  @Test
  @Promise("F12")
  void aDamagedPasswordFileRefusesTheStart() throws Exception {
    Files.writeString(folder.resolve("users"), "alice:plaintext\n");
    try (TroupeProcess broker =
        TroupeProcess.run(folder, Map.of("TROUPE_AUTH__PASSWORD_FILE", "users"), "start")) {
      assertEquals(3, broker.awaitExit(), broker.output());
      assertTrue(broker.output().contains("users:1: expected"), broker.output());
    }
  }
}
