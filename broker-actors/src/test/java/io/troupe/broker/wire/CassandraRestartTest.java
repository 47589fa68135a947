package io.troupe.broker.wire;

import io.troupe.broker.cassandra.CassandraServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** The same with a real Cassandra as store. */
class CassandraRestartTest extends RestartTest {
  private static final AtomicInteger KEYSPACES = new AtomicInteger();

  @Override
  Map<String, Object> settings() {
    var server = CassandraServer.shared().contactPoint();
    return Map.of(
        "troupe.store.kind",
        "cassandra",
        "troupe.store.cassandra.contact-points",
        List.of(server.getHostString() + ":" + server.getPort()),
        "troupe.store.cassandra.request-timeout",
        "60s",
        "troupe.store.cassandra.replication",
        1,
        "troupe.store.cassandra.keyspace",
        "restart_" + KEYSPACES.incrementAndGet());
  }
}
