package io.troupe.broker.config;

import com.typesafe.config.ConfigValueFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Every setting that is a number, a size or a duration, with its least and greatest value as {@code
 * reference.conf} and the messages of the broker write them.
 */
public final class SettingBounds {
  /** Kinds of values, each with what lies just beside one. */
  enum Kind {
    NUMBER,
    SIZE,
    DURATION
  }

  /**
   * @param least as a user would write it
   * @param greatest as a user would write it
   */
  public record Bounds(String path, String least, String greatest) {

    Kind kind() {
      if (least.matches("\\d+")) {
        return Kind.NUMBER;
      }
      return least.endsWith("B") ? Kind.SIZE : Kind.DURATION;
    }

    /** In the smallest unit in use: bytes, milliseconds. */
    private BigInteger small(String text) {
      var value = ConfigValueFactory.fromAnyRef(text).atKey("v");
      return switch (kind()) {
        case NUMBER -> new BigInteger(text);
        case SIZE -> value.getMemorySize("v").toBytesBigInteger();
        case DURATION -> BigInteger.valueOf(value.getDuration("v").toMillis());
      };
    }

    private Object written(BigInteger value) {
      return kind() == Kind.DURATION ? value + "ms" : value.longValueExact();
    }

    private boolean allows(BigInteger value) {
      return value.compareTo(small(least)) >= 0 && value.compareTo(small(greatest)) <= 0;
    }

    /** 0, 1, the bounds and what lies beside them, each with whether it is allowed. */
    List<Sample> samples() {
      BigInteger one = BigInteger.ONE;
      return Stream.of(
              BigInteger.ZERO,
              one,
              small(least),
              small(greatest),
              small(least).subtract(one),
              small(greatest).add(one))
          .map(value -> new Sample(written(value), allows(value)))
          .toList();
    }
  }

  /** A value as a user would write it. */
  record Sample(Object value, boolean allowed) {}

  /** How many samples each setting has. */
  static final int SAMPLES = 6;

  private static final String TABLE =
      """
      listeners.tcp.port                  0        65535
      listeners.tcp.connections-max       1        10000000
      listeners.tls.port                  0        65535
      listeners.tls.connections-max       1        10000000
      listeners.ws.port                   0        65535
      listeners.ws.connections-max        1        10000000
      listeners.wss.port                  0        65535
      listeners.wss.connections-max       1        10000000
      mqtt.connect-timeout                100ms    5m
      mqtt.keep-alive-max                 0        65535
      mqtt.session-expiry-max             0s       4294967294s
      mqtt.receive-maximum                1        65535
      mqtt.receive-bytes-max              1 KiB    1 GiB
      mqtt.inflight-max                   1        65535
      mqtt.inflight-bytes-max             1 KiB    1 GiB
      mqtt.topic-alias-maximum            0        65535
      mqtt.outbound-topic-alias-maximum   0        65535
      mqtt.maximum-packet-size            1 KiB    256 MiB
      mqtt.connect-size-max               128 B    1 MiB
      mqtt.connect-with-will-size-max     128 B    1 MiB
      mqtt.topic-levels-max               1        65536
      mqtt.topic-length-max               16       65535
      mqtt.client-id-length-max           23       65535
      mqtt.subscriptions-per-session-max  1        1000000
      mqtt.filters-per-subscribe-max      1        65535
      mqtt.maximum-qos                    0        2
      session.pending-messages-max        1        100000
      session.pending-bytes-max           1 KiB    1 GiB
      session.unsent-bytes-max            1 KiB    1 GiB
      session.mailbox-messages-max        16       1000000
      session.mailbox-bytes-max           64 KiB   1 GiB
      session.undelivered-bytes-max       1 MiB    1 TiB
      session.passivate-after             1s       1d
      session.cursor-checkpoint-messages  1        100000
      session.cursor-checkpoint-interval  10ms     1m
      queue.device.messages-max           1        1000000000000
      queue.device.bytes-max              64 KiB   1 PiB
      queue.device.age-max                1s       36500d
      queue.application.messages-max      1        1000000000000
      queue.application.bytes-max         64 KiB   1 PiB
      queue.application.age-max           1s       36500d
      queue.node-bytes-max                1 MiB    1 EiB
      queue.page-messages                 1        10000
      queue.page-bytes                    1 KiB    64 MiB
      routing.partitions                  1        4096
      routing.prefix-cache-max            100      100000000
      routing.waiting-bytes-max           1 MiB    1 TiB
      routing.append-timeout              1s       10m
      routing.subscribe-timeout           1s       10m
      retained.partitions                 1        1024
      retained.messages-max               0        1000000000
      retained.bytes-max                  0 B      1 TiB
      retained.prefix-levels              1        16
      directory.partitions                1        1024
      store.cassandra.replication         1        9
      store.cassandra.request-timeout     1s       5m
      store.verify-at-start-max           0 B      1 PiB
      store.pending-bytes-max             64 KiB   1 GiB
      store.commit-bytes-max              64 KiB   256 MiB
      store.slow-commit                   1ms      1h
      store.read-threads                  1        64
      store.reads-max                     1        10000000
      store.memory                        16 MiB   1 TiB
      store.reclaim-min                   1 MiB    1 TiB
      auth.hash-threads                   1        64
      auth.hash-queue-max                 1        1000000
      http.port                           0        65535
      sys.interval                        1s       1h
      limits.connections-max              1        10000000
      limits.connections-per-address-max  1        10000000
      limits.connect-rate                 1        1000000
      limits.connect-burst                1        10000000
      limits.unauthenticated-max          1        10000000
      limits.heap-used-percent-max        50       100
      limits.descriptors-reserve          0        1000000
      cluster.port                        0        65535
      cluster.required-contact-points     1        1000
      cluster.join-timeout                5s       1h
      cluster.management.port             0        65535
      """;

  private SettingBounds() {}

  public static List<Bounds> all() {
    List<Bounds> all = new ArrayList<>();
    for (String line : TABLE.split("\n")) {
      String[] columns = line.split(" {2,}");
      all.add(new Bounds("troupe." + columns[0], columns[1], columns[2]));
    }
    return all;
  }

  /** The least value of every setting at once. */
  public static Map<String, Object> least() {
    Map<String, Object> least = new LinkedHashMap<>();
    all().forEach(bounds -> least.put(bounds.path(), bounds.least()));
    return least;
  }

  /** The greatest value of every setting at once. */
  public static Map<String, Object> greatest() {
    Map<String, Object> greatest = new LinkedHashMap<>();
    all().forEach(bounds -> greatest.put(bounds.path(), bounds.greatest()));
    return greatest;
  }
}
