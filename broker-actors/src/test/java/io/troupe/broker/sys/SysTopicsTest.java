package io.troupe.broker.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.ClusterFigures;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.NodeFigures;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.transport.Transport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SysTopicsTest {
  private final BrokerMetrics metrics = new BrokerMetrics();
  private final AtomicLong clock = new AtomicLong(1_000_000);
  private final Map<String, String> published = new LinkedHashMap<>();
  private final ClusterFigures cluster = new ClusterFigures("b#1", "node/1", () -> 0);
  private final SysTopics topics =
      new SysTopics(metrics, cluster, "node/1", "1.2.3", clock::get, this::record);

  private void record(Message message) {
    assertTrue(message.retain());
    published.put(message.topic(), message.payload().asUtf8());
  }

  @Test
  void clientsAndMessagesHaveTheirUsualNames() {
    metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    metrics.received(Qos.AT_LEAST_ONCE, 10);
    metrics.storedSessions(0, 5, 4);
    metrics.subscriptions(0, 2, 1, 0);
    metrics.retained(0, 3, 300);

    topics.publish();

    assertEquals("1", published.get("$SYS/broker/clients/connected"));
    assertEquals("4", published.get("$SYS/broker/clients/disconnected"));
    assertEquals("5", published.get("$SYS/broker/clients/total"));
    assertEquals("1", published.get("$SYS/broker/publish/messages/received"));
    assertEquals("10", published.get("$SYS/broker/publish/bytes/received"));
    assertEquals("3", published.get("$SYS/broker/subscriptions/count"));
    assertEquals("3", published.get("$SYS/broker/retained messages/count"));
    assertEquals("troupe version 1.2.3", published.get("$SYS/broker/version"));
    assertEquals("0 seconds", published.get("$SYS/broker/uptime"));
  }

  @Test
  void theNodeHasATreeOfItsOwn() {
    topics.publish();

    assertEquals("0", published.get("$SYS/brokers/node_1/clients/connected"));
    assertEquals("node_1", published.get("$SYS/brokers"));
  }

  private void hearOf(String incarnation, String name, int published) {
    BrokerMetrics theirs = new BrokerMetrics();
    theirs.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    for (int i = 0; i < published; i++) {
      theirs.received(Qos.AT_LEAST_ONCE, 10);
    }
    cluster.heard(incarnation, new NodeFigures(name, 0, 0, theirs.totals()));
  }

  @Test
  void theFirstNodePublishesWhatAllHaveTogether() {
    metrics.connectionOpened(Transport.TCP, ProtocolVersion.V5);
    hearOf("c#1", "node/2", 600);
    clock.addAndGet(10_000);

    topics.publish();

    assertEquals("2", published.get("$SYS/broker/clients/connected"));
    assertEquals("1", published.get("$SYS/brokers/node_1/clients/connected"));
    assertEquals("node_1,node_2", published.get("$SYS/brokers"));
    // what the other counted before it was heard of is no load
    assertEquals("0.00", published.get("$SYS/broker/load/publish/received/1min"));
  }

  @Test
  void theOthersPublishOnlyWhatIsTheirs() {
    hearOf("a#1", "node/0", 1);

    topics.publish();

    assertEquals("0", published.get("$SYS/brokers/node_1/clients/connected"));
    assertFalse(published.containsKey("$SYS/broker/clients/connected"));
    assertFalse(published.containsKey("$SYS/brokers"));
  }

  @Test
  void onlyWhatHasChangedIsPublishedAgain() {
    topics.publish();
    published.clear();
    metrics.received(Qos.AT_MOST_ONCE, 1);
    clock.addAndGet(10_000);

    topics.publish();

    assertEquals("1", published.get("$SYS/broker/publish/messages/received"));
    assertFalse(published.containsKey("$SYS/broker/clients/connected"));
    assertFalse(published.containsKey("$SYS/broker/version"));
  }

  @Test
  void loadIsPerMinute() {
    topics.publish();

    for (int i = 0; i < 60; i++) {
      for (int j = 0; j < 10; j++) {
        metrics.received(Qos.AT_MOST_ONCE, 1);
      }
      clock.addAndGet(10_000);
      topics.publish();
    }

    double load = Double.parseDouble(published.get("$SYS/broker/load/publish/received/1min"));
    assertEquals(60, load, 0.1);
    assertEquals("0.00", published.get("$SYS/broker/load/publish/sent/1min"));
  }

  @Test
  void droppedMeansDroppedByALimit() {
    metrics.dropped(DropReason.NO_SUBSCRIBER, 5);
    metrics.dropped(DropReason.QUEUE_FULL, 2);

    topics.publish();

    assertEquals("2", published.get("$SYS/broker/publish/messages/dropped"));
  }

  @Test
  void bytesAreThoseTheListenersCount() {
    metrics.network(Transport.TCP, () -> 100, () -> 50);
    metrics.network(Transport.WS, () -> 7, () -> 3);

    topics.publish();

    assertEquals("107", published.get("$SYS/broker/bytes/received"));
    assertEquals("53", published.get("$SYS/broker/bytes/sent"));
  }
}
