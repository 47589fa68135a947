package io.troupe.broker.cassandra;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where Cassandra is and how it is used; every key is explained in {@code reference.conf} under
 * {@code troupe.store.cassandra}.
 *
 * @param contactPoints at least one
 * @param username null for a server that asks for none
 * @param replication copies of everything, in the data center
 * @param createSchema whether missing keyspace and tables are made at the start
 * @param pendingBytesMax what may be under way to Cassandra, in bytes
 */
public record CassandraSettings(
    List<InetSocketAddress> contactPoints,
    String datacenter,
    String keyspace,
    @Nullable String username,
    @Nullable String password,
    int replication,
    boolean createSchema,
    Duration requestTimeout,
    long pendingBytesMax) {

  public CassandraSettings {
    contactPoints = List.copyOf(contactPoints);
  }

  /** Without the password. */
  @Override
  public String toString() {
    List<String> servers =
        contactPoints.stream().map(at -> at.getHostString() + ":" + at.getPort()).toList();
    return "Cassandra at " + String.join(", ", servers) + ", keyspace " + keyspace;
  }
}
