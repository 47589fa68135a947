package io.troupe.broker.sys;

import io.troupe.broker.metrics.BrokerMetrics;
import io.troupe.broker.metrics.ClusterFigures;
import io.troupe.broker.metrics.DropReason;
import io.troupe.broker.metrics.Totals;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * Publishes what the broker knows of itself below {@code $SYS/broker/}, under the names that
 * Mosquitto has made usual, and the values of this node below {@code $SYS/brokers/<node>/}. The
 * former are those of all nodes together, published by the one with the lowest address, except
 * uptime and heap, which are that node's. Every topic is retained and published when its value has
 * changed.
 *
 * <p>A name that would need a figure this broker does not count is left out. Not thread-safe:
 * {@link #publish} is called by one timer.
 */
public final class SysTopics {
  private static final String COMMON = "$SYS/broker/";
  private static final String NODES = "$SYS/brokers";

  private final BrokerMetrics metrics;
  private final ClusterFigures cluster;
  private final String node;
  private final String version;
  private final LongSupplier nowMillis;
  private final Publisher publisher;
  private final long startMillis;
  private final Map<String, String> published = new HashMap<>();
  private final List<Load> loads = new ArrayList<>();
  private List<String> nodes;
  private long updatedMillis;
  private long heapMaximum;

  private record Load(
      String name, ToLongFunction<Totals> total, LoadAverage average, LoadAverage clusterAverage) {}

  /**
   * @param node this node's name; characters that no topic level can have are replaced by {@code _}
   * @param version of the program
   */
  public SysTopics(
      BrokerMetrics metrics,
      ClusterFigures cluster,
      String node,
      String version,
      LongSupplier nowMillis,
      Publisher publisher) {
    this.metrics = metrics;
    this.cluster = cluster;
    this.node = level(node);
    this.version = version;
    this.nowMillis = nowMillis;
    this.publisher = publisher;
    startMillis = nowMillis.getAsLong();
    updatedMillis = startMillis;
    nodes = cluster.nodes();
    load("bytes/received", Totals::networkBytesReceived);
    load("bytes/sent", Totals::networkBytesSent);
    load("connections", Totals::connectPacketsReceived);
    load("messages/received", Totals::packetsReceived);
    load("messages/sent", Totals::packetsSent);
    load("publish/dropped", SysTopics::dropped);
    load("publish/received", Totals::messagesReceived);
    load("publish/sent", Totals::messagesSent);
    load("sockets", Totals::socketsOpened);
  }

  private static String level(String name) {
    return name.replaceAll("[+#/\\u0000]", "_");
  }

  private void load(String name, ToLongFunction<Totals> total) {
    long now = total.applyAsLong(metrics.totals());
    loads.add(new Load(name, total, new LoadAverage(now), new LoadAverage(now)));
  }

  /** Publishes what has changed since the last time. */
  public void publish() {
    Totals totals = metrics.totals();
    long now = nowMillis.getAsLong();
    long elapsedMillis = now - updatedMillis;
    updatedMillis = now;
    Totals all = cluster.sum(totals);
    updateLoads(totals, all, elapsedMillis);
    Tree own = new Tree("$SYS/brokers/" + node + "/", now);
    publish(own, totals);
    loads.forEach(load -> publishLoad(own, load.name, load.average));
    if (cluster.isFirst()) {
      Tree common = new Tree(COMMON, now);
      publish(common, all);
      loads.forEach(load -> publishLoad(common, load.name, load.clusterAverage));
      publishTopic(NODES, String.join(",", nodes.stream().map(SysTopics::level).toList()), now);
    } else {
      // what another node publishes now is not known to be as this one left it
      published.keySet().removeIf(topic -> topic.startsWith(COMMON) || topic.equals(NODES));
    }
  }

  /** A node that comes or goes brings or takes all it ever counted. */
  private void updateLoads(Totals own, Totals all, long elapsedMillis) {
    List<String> nodesNow = cluster.nodes();
    boolean same = nodesNow.equals(nodes);
    nodes = nodesNow;
    for (Load load : loads) {
      if (elapsedMillis > 0) {
        load.average.update(load.total.applyAsLong(own), elapsedMillis);
      }
      if (!same) {
        load.clusterAverage.rebase(load.total.applyAsLong(all));
      } else if (elapsedMillis > 0) {
        load.clusterAverage.update(load.total.applyAsLong(all), elapsedMillis);
      }
    }
  }

  /** Where topics begin. */
  private final class Tree {
    private final String root;
    private final long now;

    Tree(String root, long now) {
      this.root = root;
      this.now = now;
    }

    void publish(String name, long value) {
      publish(name, Long.toString(value));
    }

    void publish(String name, String value) {
      publishTopic(root + name, value, now);
    }
  }

  private void publish(Tree tree, Totals totals) {
    tree.publish("version", "troupe version " + version);
    tree.publish("uptime", (tree.now - startMillis) / 1000 + " seconds");
    publishClients(tree, totals);
    publishMessages(tree, totals);
    publishHeap(tree);
  }

  private static void publishClients(Tree tree, Totals totals) {
    tree.publish("clients/connected", totals.connections());
    tree.publish("clients/active", totals.connections());
    tree.publish("clients/disconnected", totals.disconnectedSessions());
    tree.publish("clients/inactive", totals.disconnectedSessions());
    tree.publish("clients/total", totals.connections() + totals.disconnectedSessions());
    tree.publish("clients/maximum", totals.connectionsMax());
    tree.publish("clients/expired", totals.sessionsExpired());
    tree.publish("subscriptions/count", totals.subscriptions());
  }

  private static void publishMessages(Tree tree, Totals totals) {
    long stored = totals.queuedMessages() + totals.retainedMessages();
    tree.publish("messages/received", totals.packetsReceived());
    tree.publish("messages/sent", totals.packetsSent());
    tree.publish("messages/stored", stored);
    tree.publish("store/messages/count", stored);
    tree.publish("store/messages/bytes", totals.queuedBytes() + totals.retainedBytes());
    tree.publish("retained messages/count", totals.retainedMessages());
    tree.publish("publish/messages/received", totals.messagesReceived());
    tree.publish("publish/messages/sent", totals.messagesSent());
    tree.publish("publish/messages/dropped", dropped(totals));
    tree.publish("publish/bytes/received", totals.payloadBytesReceived());
    tree.publish("publish/bytes/sent", totals.payloadBytesSent());
    tree.publish("bytes/received", totals.networkBytesReceived());
    tree.publish("bytes/sent", totals.networkBytesSent());
  }

  private void publishHeap(Tree tree) {
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    heapMaximum = Math.max(heapMaximum, used);
    tree.publish("heap/current size", used);
    tree.publish("heap/maximum size", heapMaximum);
  }

  private static void publishLoad(Tree tree, String name, LoadAverage average) {
    tree.publish("load/" + name + "/1min", decimal(average.oneMinute()));
    tree.publish("load/" + name + "/5min", decimal(average.fiveMinutes()));
    tree.publish("load/" + name + "/15min", decimal(average.fifteenMinutes()));
  }

  /** Mosquitto counts only what limits have dropped. */
  private static long dropped(Totals totals) {
    long sum = 0;
    for (Map.Entry<DropReason, Long> entry : totals.dropped().entrySet()) {
      sum += entry.getKey().isLimit() ? entry.getValue() : 0;
    }
    return sum;
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private void publishTopic(String topic, String value, long now) {
    if (!value.equals(published.put(topic, value))) {
      publisher.publish(
          new Message(
              topic, Payload.utf8(value), Qos.AT_MOST_ONCE, true, MessageProperties.NONE, "", now));
    }
  }
}
