package io.troupe.broker.wire;

import static io.troupe.broker.wire.PublishPacket.publish;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.troupe.broker.store.StoredRows;
import io.troupe.protocol.conformance.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sessions that have ended leave nothing in the store. */
class EndedSessionsTest extends WireTest {
  private static final int SESSIONS = 1_000;
  private static final int SAME_ID = 77;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private BrokerUnderTest broker;
  private String keeper;

  @BeforeEach
  void start() {
    broker = BrokerUnderTest.start(Map.of());
    var client = connect(fresh(Version.V5).persistent());
    client.subscribe("kept", 1);
    client.disconnect();
    keeper = client.clientId;
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  private static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + LIMIT + ": " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private List<String> leftOf(String idPart) {
    return StoredRows.ofSessions(broker.storeFolder(), "session|").stream()
        .filter(row -> row.contains(idPart))
        .toList();
  }

  private WireClient connect(String id, boolean clean, long expirySeconds) {
    var connect = new ConnectPacket(Version.V5, id).clean(clean);
    var client = new WireClient(broker.port(), Version.V5, id);
    client.send(connect.with(Properties5.SESSION_EXPIRY, expirySeconds).toArray());
    client.expectConnack(0);
    return client;
  }

  /** QoS 2, always with the same packet identifier; without PUBREL unless released. */
  private static void publishKept(WireClient client, String payload, boolean released) {
    client.send(publish("kept", payload).qos(2, SAME_ID));
    client.expectAck(Received.PUBREC, SAME_ID);
    if (released) {
      client.send(WireClient.ackPacket(Received.PUBREL, SAME_ID));
      client.expectAck(Received.PUBCOMP, SAME_ID);
    }
  }

  private static void end(WireClient client) {
    client.disconnect(0, Properties5.none().with(Properties5.SESSION_EXPIRY, 0));
  }

  /** A session comes and goes, in one of the ways there are; publishes two messages. */
  private void comeAndGo(int number) {
    String id = "gone-" + number;
    var client = connect(id, number % 2 == 0, number % 4 == 0 ? 1 : 600);
    client.subscribe("to/" + id, 1);
    publishKept(client, id + " first", number % 3 == 0);
    switch (number % 4) {
      case 0 -> { // expires
        client.publish(publish("kept", id + " second").qos(2));
        client.close();
      }
      case 1 -> { // ends, and begins anew at once
        end(client);
        client = connect(id, false, 600);
        publishKept(client, id + " second", true);
        end(client);
      }
      case 2 -> { // a clean start takes its place later
        client.disconnect();
        client = connect(id, true, 0);
        publishKept(client, id + " second", false);
        client.disconnect();
      }
      default -> { // a clean start takes it over
        var second = connect(id, true, 0);
        client.expectEnd();
        publishKept(second, id + " second", true);
        second.disconnect();
      }
    }
  }

  @Test
  @Promise("I25")
  void aThousandSessionsThatComeAndGoLeaveNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<?>> done = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      int number = i;
      done.add(threads.submit(() -> comeAndGo(number)));
    }
    threads.shutdown();
    for (Future<?> each : done) {
      each.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    until("only the keeper is left", () -> broker.storedSessions() == 1);
    until("nothing is left of them: " + leftOf("gone-"), () -> leftOf("gone-").isEmpty());
    var payloads =
        connect(new ConnectPacket(Version.V5, keeper).persistent()).receive(2 * SESSIONS);
    assertEquals(2 * SESSIONS, new HashSet<>(payloads).size());
  }

  @Test
  void aSessionThatComesBackWhileItIsForgottenKeepsWhatItHasNow() {
    for (int round = 0; round < 100; round++) {
      var client = connect("back", false, 600);
      client.subscribe("to/back", 1);
      client.publish(publish("kept", "first " + round).qos(2));
      end(client);
      client = connect("back", false, 600);
      assertEquals(false, client.connack().sessionPresent());
      client.subscribe("to/back", 1);
      publishKept(client, "second " + round, false);
      client.disconnect();
      connect(Version.V5).publish(publish("to/back", "m" + round).qos(1));
      client = connect("back", false, 600);
      assertEquals(true, client.connack().sessionPresent());
      client.send(publish("kept", "second " + round).qos(2, SAME_ID).dup());
      client.expectAck(Received.PUBREC, SAME_ID);
      client.receive("m" + round);
      end(client);
    }

    until("nothing is left", () -> leftOf("back").isEmpty());
    var payloads = connect(new ConnectPacket(Version.V5, keeper).persistent()).receive(200);
    assertEquals(200, payloads.stream().collect(toSet()).size());
  }

  @Test
  void marksThatACrashHasLeftAreSweptAtTheNextStart() {
    var client = connect("transient", true, 0);
    publishKept(client, "once", false);
    assertEquals(1, leftOf("transient").size());

    broker.restart();

    until("the mark is swept", () -> leftOf("transient").isEmpty());
  }
}
