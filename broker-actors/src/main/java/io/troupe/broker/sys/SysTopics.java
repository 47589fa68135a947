package io.troupe.broker.sys;

import io.troupe.broker.metrics.BrokerMetrics;
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
 * Mosquitto has made usual, and the values of this node below {@code $SYS/brokers/<node>/}. While
 * there is one node both are the same. Every topic is retained and published when its value has
 * changed.
 *
 * <p>A name that would need a figure this broker does not count is left out. Not thread-safe:
 * {@link #publish} is called by one timer.
 */
public final class SysTopics {
  private final BrokerMetrics metrics;
  private final String node;
  private final String version;
  private final LongSupplier nowMillis;
  private final Publisher publisher;
  private final long startMillis;
  private final Map<String, String> published = new HashMap<>();
  private final List<Load> loads = new ArrayList<>();
  private long updatedMillis;
  private long heapMaximum;

  private record Load(String name, ToLongFunction<Totals> total, LoadAverage average) {}

  /**
   * @param node this node's name; characters that no topic level can have are replaced by {@code _}
   * @param version of the program
   */
  public SysTopics(
      BrokerMetrics metrics,
      String node,
      String version,
      LongSupplier nowMillis,
      Publisher publisher) {
    this.metrics = metrics;
    this.node = node.replaceAll("[+#/\\u0000]", "_");
    this.version = version;
    this.nowMillis = nowMillis;
    this.publisher = publisher;
    startMillis = nowMillis.getAsLong();
    updatedMillis = startMillis;
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

  private void load(String name, ToLongFunction<Totals> total) {
    loads.add(new Load(name, total, new LoadAverage(total.applyAsLong(metrics.totals()))));
  }

  /** Publishes what has changed since the last time. */
  public void publish() {
    Totals totals = metrics.totals();
    long now = nowMillis.getAsLong();
    publishTopic("$SYS/brokers", node, now);
    publish("version", "troupe version " + version, now);
    publish("uptime", (now - startMillis) / 1000 + " seconds", now);
    publishClients(totals, now);
    publishMessages(totals, now);
    publishHeap(now);
    publishLoads(totals, now);
  }

  private void publishClients(Totals totals, long now) {
    publish("clients/connected", totals.connections(), now);
    publish("clients/active", totals.connections(), now);
    publish("clients/disconnected", totals.disconnectedSessions(), now);
    publish("clients/inactive", totals.disconnectedSessions(), now);
    publish("clients/total", totals.connections() + totals.disconnectedSessions(), now);
    publish("clients/maximum", totals.connectionsMax(), now);
    publish("clients/expired", totals.sessionsExpired(), now);
    publish("subscriptions/count", totals.subscriptions(), now);
  }

  private void publishMessages(Totals totals, long now) {
    long stored = totals.queuedMessages() + totals.retainedMessages();
    publish("messages/received", totals.packetsReceived(), now);
    publish("messages/sent", totals.packetsSent(), now);
    publish("messages/stored", stored, now);
    publish("store/messages/count", stored, now);
    publish("store/messages/bytes", totals.queuedBytes() + totals.retainedBytes(), now);
    publish("retained messages/count", totals.retainedMessages(), now);
    publish("publish/messages/received", totals.messagesReceived(), now);
    publish("publish/messages/sent", totals.messagesSent(), now);
    publish("publish/messages/dropped", dropped(totals), now);
    publish("publish/bytes/received", totals.payloadBytesReceived(), now);
    publish("publish/bytes/sent", totals.payloadBytesSent(), now);
    publish("bytes/received", totals.networkBytesReceived(), now);
    publish("bytes/sent", totals.networkBytesSent(), now);
  }

  private void publishHeap(long now) {
    Runtime runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    heapMaximum = Math.max(heapMaximum, used);
    publish("heap/current size", used, now);
    publish("heap/maximum size", heapMaximum, now);
  }

  private void publishLoads(Totals totals, long now) {
    long elapsedMillis = now - updatedMillis;
    updatedMillis = now;
    for (Load load : loads) {
      if (elapsedMillis > 0) {
        load.average.update(load.total.applyAsLong(totals), elapsedMillis);
      }
      publish("load/" + load.name + "/1min", decimal(load.average.oneMinute()), now);
      publish("load/" + load.name + "/5min", decimal(load.average.fiveMinutes()), now);
      publish("load/" + load.name + "/15min", decimal(load.average.fifteenMinutes()), now);
    }
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

  private void publish(String name, long value, long now) {
    publish(name, Long.toString(value), now);
  }

  private void publish(String name, String value, long now) {
    publishTopic("$SYS/broker/" + name, value, now);
    publishTopic("$SYS/brokers/" + node + "/" + name, value, now);
  }

  private void publishTopic(String topic, String value, long now) {
    if (!value.equals(published.put(topic, value))) {
      publisher.publish(
          new Message(
              topic, Payload.utf8(value), Qos.AT_MOST_ONCE, true, MessageProperties.NONE, "", now));
    }
  }
}
