package io.troupe.broker.metrics;

import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.transport.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import kamon.Kamon;
import kamon.metric.Counter;
import kamon.metric.Gauge;
import kamon.metric.Histogram;
import kamon.metric.MeasurementUnit;
import kamon.tag.TagSet;

/**
 * Copies the figures of {@link BrokerMetrics} to Kamon and names every metric in this one place.
 * Kamon's Prometheus reporter turns {@code mqtt.messages.received} into {@code
 * mqtt_messages_received_total}. Labels come from closed lists, never from what a client sends.
 */
public final class MetricsExport implements AutoCloseable {
  private static final int[] CLIENT_PACKETS = {1, 4, 5, 6, 7, 8, 10, 12, 14, 15};
  private static final int[] BROKER_PACKETS = {2, 4, 5, 6, 7, 9, 11, 13, 14, 15};
  private static final int PUBLISH = 3;
  private static final String[] PACKET_NAMES = {
    "",
    "connect",
    "connack",
    "publish",
    "puback",
    "pubrec",
    "pubrel",
    "pubcomp",
    "subscribe",
    "suback",
    "unsubscribe",
    "unsuback",
    "pingreq",
    "pingresp",
    "disconnect",
    "auth"
  };

  private final List<Runnable> samplers = new ArrayList<>();
  private final ScheduledExecutorService scheduler;
  private final ProcessMetrics process;

  private MetricsExport(BrokerMetrics metrics, String version) {
    scheduler =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "metrics-export");
              thread.setDaemon(true);
              return thread;
            });
    connections(metrics);
    packets(metrics);
    messages(metrics);
    state(metrics);
    links(metrics.links());
    process = new ProcessMetrics(this);
    Kamon.gauge("broker.build.info", "Always 1; the label names the running version")
        .withTag("version", version)
        .update(1);
  }

  /** Begins to copy, once per interval, until closed. */
  public static MetricsExport start(BrokerMetrics metrics, String version, Duration interval) {
    MetricsExport export = new MetricsExport(metrics, version);
    export.scheduler.scheduleAtFixedRate(
        export::sample, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    return export;
  }

  /** Copies what has been counted since the last time. */
  public synchronized void sample() {
    samplers.forEach(Runnable::run);
  }

  @Override
  public void close() {
    scheduler.shutdown();
    sample();
    process.close();
  }

  private void connections(BrokerMetrics metrics) {
    var open = Kamon.gauge("mqtt.connections", "Clients connected");
    var opened = Kamon.counter("mqtt.connections.opened", "Network connections accepted");
    for (Transport transport : Transport.values()) {
      String label = label(transport);
      counter(opened.withTag("transport", label), metrics.socketsOpened[transport.ordinal()]::sum);
      for (ProtocolVersion version : ProtocolVersion.values()) {
        gauge(
            open.withTags(
                TagSet.builder().add("transport", label).add("version", label(version)).build()),
            metrics.connections[BrokerMetrics.index(transport, version)]::sum);
      }
    }
    var closed = Kamon.counter("mqtt.connections.closed", "Network connections ended");
    for (DisconnectReason reason : DisconnectReason.values()) {
      counter(closed.withTag("reason", reason.label()), metrics.closed[reason.ordinal()]::sum);
    }
    var paused =
        Kamon.gauge(
            "broker.backpressured.connections", "Connections not read until earlier work is done");
    gauge(paused.withoutTags(), metrics.pausedConnections::sum);
    var waiting =
        Kamon.gauge("broker.store.waiting.bytes", "Bytes published and not yet stored or refused");
    gauge(waiting.withoutTags(), () -> BrokerMetrics.sum(metrics.waitingForStore));
    var pauses =
        Kamon.counter("broker.store.pauses", "Publishers not read until the store catches up");
    counter(pauses.withoutTags(), metrics.pausesForStore::sum);
    var unauthenticated =
        Kamon.gauge(
            "broker.unauthenticated.connections", "Connections without accepted credentials");
    gauge(unauthenticated.withoutTags(), () -> BrokerMetrics.sum(metrics.unauthenticated));
    var connecting = Kamon.gauge("broker.connecting.clients", "Clients that wait for CONNACK");
    gauge(connecting.withoutTags(), () -> BrokerMetrics.sum(metrics.connecting));
    var undelivered =
        Kamon.gauge("broker.undelivered.bytes", "Bytes on their way to sessions, without queue");
    gauge(undelivered.withoutTags(), () -> BrokerMetrics.sum(metrics.waitingForSessions));
    var full =
        Kamon.counter("broker.mailbox.pauses", "Publishers not read until a session catches up");
    counter(full.withoutTags(), metrics.pausesForSession::sum);
    var connacks = Kamon.counter("mqtt.connack", "CONNECT packets answered, by reason code");
    var errors = Kamon.counter("mqtt.protocol.errors", "Peers that broke the protocol");
    for (ReasonCode code : ReasonCode.values()) {
      whenUsed(metrics.connacks[code.ordinal()], () -> connacks.withTag("reason", label(code)));
      whenUsed(metrics.protocolErrors[code.ordinal()], () -> errors.withTag("reason", label(code)));
    }
    var duration =
        Kamon.histogram(
            "mqtt.connect.duration",
            "From CONNECT read to CONNACK",
            MeasurementUnit.time().nanoseconds());
    histogram(duration.withTag("result", "accepted"), metrics.connectNanos);
    histogram(duration.withTag("result", "refused"), metrics.refusedConnectNanos);
  }

  private void packets(BrokerMetrics metrics) {
    var received = Kamon.counter("mqtt.packets.received", "MQTT packets from clients");
    var sent = Kamon.counter("mqtt.packets.sent", "MQTT packets to clients");
    for (int type : CLIENT_PACKETS) {
      counter(received.withTag("type", PACKET_NAMES[type]), metrics.packetsReceived[type]::sum);
    }
    for (int type : BROKER_PACKETS) {
      counter(sent.withTag("type", PACKET_NAMES[type]), metrics.packetsSent[type]::sum);
    }
    counter(
        received.withTag("type", PACKET_NAMES[PUBLISH]),
        () -> BrokerMetrics.counts(metrics.receivedSizes));
    counter(
        sent.withTag("type", PACKET_NAMES[PUBLISH]), () -> BrokerMetrics.counts(metrics.sentSizes));
    var bytes = MeasurementUnit.information().bytes();
    var bytesReceived = Kamon.counter("mqtt.network.received", "MQTT bytes read", bytes);
    var bytesSent = Kamon.counter("mqtt.network.sent", "MQTT bytes written", bytes);
    for (Transport transport : Transport.values()) {
      counter(
          bytesReceived.withTag("transport", label(transport)),
          () -> BrokerMetrics.sum(metrics.networkReceived.get(transport.ordinal())));
      counter(
          bytesSent.withTag("transport", label(transport)),
          () -> BrokerMetrics.sum(metrics.networkSent.get(transport.ordinal())));
    }
  }

  private void messages(BrokerMetrics metrics) {
    var received = Kamon.counter("mqtt.messages.received", "PUBLISH packets from clients");
    var sent = Kamon.counter("mqtt.messages.sent", "PUBLISH packets to clients");
    var again = Kamon.counter("mqtt.messages.retransmitted", "PUBLISH packets sent with DUP");
    var ack =
        Kamon.histogram(
            "mqtt.publish.ack.duration",
            "From PUBLISH read to PUBACK or PUBREC",
            MeasurementUnit.time().nanoseconds());
    for (Qos qos : Qos.values()) {
      String level = Integer.toString(qos.level());
      counter(received.withTag("qos", level), metrics.receivedSizes[qos.ordinal()]::count);
      counter(sent.withTag("qos", level), metrics.sentSizes[qos.ordinal()]::count);
      if (qos != Qos.AT_MOST_ONCE) {
        counter(again.withTag("qos", level), metrics.retransmitted[qos.ordinal()]::sum);
        histogram(ack.withTag("qos", level), metrics.publishAckNanos[qos.ordinal()]);
      }
    }
    var dropped = Kamon.counter("mqtt.messages.dropped", "Messages not delivered");
    for (DropReason reason : DropReason.values()) {
      counter(dropped.withTag("reason", reason.label()), metrics.dropped[reason.ordinal()]::sum);
    }
    var sizes =
        Kamon.histogram(
            "mqtt.payload.size",
            "Payloads of PUBLISH packets",
            MeasurementUnit.information().bytes());
    for (Distribution distribution : metrics.receivedSizes) {
      histogram(sizes.withTag("direction", "received"), distribution);
    }
    for (Distribution distribution : metrics.sentSizes) {
      histogram(sizes.withTag("direction", "sent"), distribution);
    }
  }

  private void state(BrokerMetrics metrics) {
    var sessions = Kamon.gauge("mqtt.sessions", "Sessions that outlive their connection");
    gauge(
        sessions.withTag("state", "connected"),
        () -> metrics.storedSessions.sum() - metrics.disconnectedSessions.sum());
    gauge(sessions.withTag("state", "disconnected"), metrics.disconnectedSessions::sum);
    var events = Kamon.counter("mqtt.session.events", "What happened to sessions");
    for (SessionChange change : SessionChange.values()) {
      counter(
          events.withTag("event", change.label()), metrics.sessionChanges[change.ordinal()]::sum);
    }
    var failures =
        Kamon.counter("broker.actor.failures", "Actors that failed at a command and began anew");
    for (ActorFailures.Kind kind : ActorFailures.Kind.values()) {
      counter(failures.withTag("actor", kind.label()), () -> metrics.actorFailures().count(kind));
    }
    var unread =
        Kamon.counter("broker.session.unread", "Sessions that could not be read from the store");
    counter(unread.withoutTags(), () -> metrics.unreadSessions().count());
    var subscriptions = Kamon.gauge("mqtt.subscriptions", "Subscriptions");
    gauge(subscriptions.withTag("kind", "exact"), metrics.exactSubscriptions::sum);
    gauge(subscriptions.withTag("kind", "wildcard"), metrics.wildcardSubscriptions::sum);
    gauge(subscriptions.withTag("kind", "shared"), metrics.sharedSubscriptions::sum);
    var bytes = MeasurementUnit.information().bytes();
    gauge(
        Kamon.gauge("mqtt.queued.messages", "Messages in durable queues").withoutTags(),
        metrics.queuedMessages::sum);
    gauge(
        Kamon.gauge("mqtt.queued", "Bytes in durable queues", bytes).withoutTags(),
        metrics.queuedBytes::sum);
    gauge(
        Kamon.gauge("mqtt.retained.messages", "Retained messages").withoutTags(),
        metrics.retainedMessages::sum);
    gauge(
        Kamon.gauge("mqtt.retained", "Bytes of retained messages", bytes).withoutTags(),
        metrics.retainedBytes::sum);
  }

  private void links(LinkMetrics links) {
    var bytes =
        Kamon.counter(
            "broker.link", "Bytes of batches between nodes", MeasurementUnit.information().bytes());
    var batches = Kamon.counter("broker.link.batches", "Batches between nodes");
    var items = Kamon.counter("broker.link.items", "What batches between nodes hold");
    var dropped = Kamon.counter("broker.link.dropped", "Items between nodes that had nobody");
    var broken = Kamon.counter("broker.link.broken", "Links that broke and began anew");
    for (LinkMetrics.Direction direction : LinkMetrics.Direction.values()) {
      String label = label(direction);
      LinkMetrics.Counts counts = links.of(direction);
      counter(bytes.withTag("direction", label), counts.bytes()::sum);
      counter(batches.withTag("direction", label), counts.batches()::sum);
      counter(items.withTag("direction", label), counts.items()::sum);
      counter(dropped.withTag("direction", label), counts.dropped()::sum);
      counter(broken.withTag("direction", label), counts.broken()::sum);
    }
    counter(
        Kamon.counter("broker.link.repeated", "Batches sent again, not confirmed in time")
            .withoutTags(),
        links::repeated);
    gauge(
        Kamon.gauge("broker.link.waiting.items", "What waits for other nodes").withoutTags(),
        links::waitingItems);
    gauge(
        Kamon.gauge("broker.link.waiting.bytes", "Bytes that wait for other nodes").withoutTags(),
        links::waitingBytes);
    gauge(
        Kamon.gauge("broker.link.longest.bytes", "Bytes that wait for the slowest other node")
            .withoutTags(),
        links::longestBytes);
  }

  /** Runs with each copy. */
  void sampled(Runnable sampler) {
    samplers.add(sampler);
  }

  void counter(Counter counter, LongSupplier total) {
    samplers.add(new CounterSampler(() -> counter, total));
  }

  /** A counter that appears with its first use: most reason codes never occur. */
  private void whenUsed(LongAdder adder, Supplier<Counter> counter) {
    samplers.add(new CounterSampler(counter, adder::sum));
  }

  void gauge(Gauge gauge, LongSupplier value) {
    samplers.add(() -> gauge.update((double) value.getAsLong()));
  }

  private void histogram(Histogram histogram, Distribution distribution) {
    samplers.add(new DistributionSampler(histogram, distribution));
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static String label(ProtocolVersion version) {
    return switch (version) {
      case V3_1 -> "3.1";
      case V3_1_1 -> "3.1.1";
      case V5 -> "5.0";
    };
  }

  /** Copies what a total has grown by. */
  private static final class CounterSampler implements Runnable {
    private final Supplier<Counter> target;
    private final LongSupplier total;
    private long copied;

    CounterSampler(Supplier<Counter> target, LongSupplier total) {
      this.target = target;
      this.total = total;
    }

    @Override
    public void run() {
      long now = total.getAsLong();
      if (now > copied) {
        target.get().increment(now - copied);
        copied = now;
      }
    }
  }

  /** Copies the buckets that have grown. */
  private static final class DistributionSampler implements Runnable {
    private final Histogram target;
    private final Distribution source;
    private final long[] copied = new long[Distribution.BUCKETS];

    DistributionSampler(Histogram target, Distribution source) {
      this.target = target;
      this.source = source;
    }

    @Override
    public void run() {
      for (int bucket = 0; bucket < copied.length; bucket++) {
        long now = source.countOf(bucket);
        if (now > copied[bucket]) {
          target.record(Distribution.valueOf(bucket), now - copied[bucket]);
          copied[bucket] = now;
        }
      }
    }
  }
}
