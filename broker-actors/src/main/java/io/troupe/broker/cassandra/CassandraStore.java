package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.AllNodesFailedException;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.CqlSessionBuilder;
import com.datastax.oss.driver.api.core.DriverException;
import com.datastax.oss.driver.api.core.InvalidKeyspaceException;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import com.datastax.oss.driver.api.core.cql.Row;
import com.datastax.oss.driver.api.core.servererrors.InvalidQueryException;
import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.EndedSessions;
import io.troupe.broker.store.NodeLease;
import io.troupe.broker.store.NodeMarks;
import io.troupe.broker.store.NodeStore;
import io.troupe.broker.store.QueueLog;
import io.troupe.broker.store.StoreCheckpoint;
import io.troupe.broker.store.StoreHealth;
import io.troupe.broker.store.StoreStartException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cluster's store in Cassandra, apart from Akka's journal there. Thread-safe.
 *
 * <p>Reads and writes are at LOCAL_QUORUM. What is acknowledged survives a power failure of all
 * replicas only if Cassandra syncs its commit log before it answers: a start warns if it does not.
 */
public final class CassandraStore implements NodeStore {
  private static final Logger LOG = LoggerFactory.getLogger(CassandraStore.class);
  private static final Duration PROBE_EVERY = Duration.ofSeconds(1);
  private static final int REQUESTS_MAX = 1024;

  private final CqlSession session;
  private final QueueTables tables;
  private final CassandraQueueLog queueLog;
  private final CassandraNodeMarks nodeMarks;
  private final ScheduledExecutorService probing = thread("cassandra-probe");
  private final ScheduledExecutorService leasing = thread("cassandra-lease");
  private final CassandraLease lease;
  private final long slowMicros;
  private volatile long probeMicros;
  private volatile String failure = "";

  private CassandraStore(
      CqlSession session, CassandraSettings settings, String node, Duration slow) {
    this.session = session;
    this.tables = new QueueTables(session);
    this.queueLog = new CassandraQueueLog(session, tables, settings.pendingBytesMax());
    this.nodeMarks = new CassandraNodeMarks(node, session, tables);
    this.slowMicros = slow.toNanos() / 1_000;
    this.lease = new CassandraLease(session, tables, leasing);
    long every = PROBE_EVERY.toMillis();
    probing.scheduleWithFixedDelay(this::probe, every, every, TimeUnit.MILLISECONDS);
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        work -> {
          Thread thread = new Thread(work, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Connects, makes what is missing of the schema if it may, and checks how safe the server is.
   *
   * @param node this node's name
   * @param slow from which round trip on the health is {@code SLOW}
   * @throws StoreStartException when the store cannot be used; the message tells what to do
   */
  public static CassandraStore open(CassandraSettings settings, String node, Duration slow) {
    CqlSession session = null;
    try {
      if (settings.createSchema()) {
        createSchema(settings);
      }
      session = builder(settings).withKeyspace(settings.keyspace()).build();
      warnOfUnsafeCommitLog(session);
      return new CassandraStore(session, settings, node, slow);
    } catch (AllNodesFailedException e) {
      close(session);
      throw new StoreStartException(
          "Cassandra cannot be reached at "
              + settings.contactPoints()
              + ". Check that it runs, troupe.store.cassandra.contact-points, the data center '"
              + settings.datacenter()
              + "' and the credentials. The first reason: "
              + e.getMessage(),
          e);
    } catch (InvalidKeyspaceException | InvalidQueryException e) {
      close(session);
      throw new StoreStartException(
          "Cassandra has no keyspace '"
              + settings.keyspace()
              + "' with the broker's tables, or this user may not use it. Set"
              + " troupe.store.cassandra.create-schema = true, or apply the script"
              + " schema.cql of the distribution. Cassandra says: "
              + e.getMessage(),
          e);
    } catch (DriverException | IllegalStateException e) {
      close(session);
      throw new StoreStartException("Cassandra cannot be used: " + e.getMessage(), e);
    }
  }

  private static void close(@Nullable CqlSession session) {
    if (session != null) {
      session.close();
    }
  }

  private static void createSchema(CassandraSettings settings) {
    try (CqlSession session = builder(settings).build()) {
      List<String> statements =
          QueueTables.schema(settings.keyspace(), settings.datacenter(), settings.replication());
      statements.forEach(session::execute);
    }
  }

  private static CqlSessionBuilder builder(CassandraSettings settings) {
    var options =
        DriverConfigLoader.programmaticBuilder()
            .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, settings.requestTimeout())
            .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, Duration.ofSeconds(10))
            .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, Duration.ofSeconds(10))
            .withDuration(
                DefaultDriverOption.METADATA_SCHEMA_REQUEST_TIMEOUT, Duration.ofSeconds(30))
            // A start that cannot succeed says so at once.
            .withBoolean(DefaultDriverOption.RECONNECT_ON_INIT, false)
            .withInt(DefaultDriverOption.CONNECTION_MAX_REQUESTS, 4 * REQUESTS_MAX)
            .withString(
                DefaultDriverOption.REQUEST_THROTTLER_CLASS, "ConcurrencyLimitingRequestThrottler")
            .withInt(DefaultDriverOption.REQUEST_THROTTLER_MAX_CONCURRENT_REQUESTS, REQUESTS_MAX)
            .withInt(DefaultDriverOption.REQUEST_THROTTLER_MAX_QUEUE_SIZE, 1_000_000)
            .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(2))
            .withString(DefaultDriverOption.SESSION_NAME, "troupe-queues")
            // Nobody asks anything of it any more when it is closed: no 4 s of waiting for that.
            .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_QUIET_PERIOD, 0)
            .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_QUIET_PERIOD, 0)
            .build();
    CqlSessionBuilder builder =
        CqlSession.builder()
            .withConfigLoader(options)
            .addContactPoints(settings.contactPoints())
            .withLocalDatacenter(settings.datacenter());
    String username = settings.username();
    String password = settings.password();
    if (username != null && password != null) {
      builder.withAuthCredentials(username, password);
    }
    return builder;
  }

  private static void warnOfUnsafeCommitLog(CqlSession session) {
    Row row =
        session
            .execute("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'")
            .one();
    if (row != null && "periodic".equals(row.getString("value"))) {
      LOG.warn(
          "Cassandra's commitlog_sync is 'periodic': it answers before its disks have what it"
              + " acknowledges. If all replicas lose power at once, up to commitlog_sync_period of"
              + " acknowledged messages are lost. Set commitlog_sync to 'group' or 'batch' in"
              + " cassandra.yaml.");
    }
  }

  @Override
  public QueueLog queueLog() {
    return queueLog;
  }

  private void probe() {
    long start = System.nanoTime();
    try {
      session.execute(tables.readHead.bind(-1, 0L));
      failure = "";
    } catch (RuntimeException e) {
      failure = "Cassandra: " + e.getMessage();
    }
    probeMicros = (System.nanoTime() - start) / 1_000;
  }

  @Override
  public NodeLease lease() {
    return lease;
  }

  @Override
  public NodeMarks nodeMarks() {
    return nodeMarks;
  }

  @Override
  public Optional<EndedSessions> endedSessions() {
    return Optional.empty();
  }

  @Override
  public StoreCheckpoint checkpoint() throws BackupException {
    throw new BackupException("this broker's data is in Cassandra", null);
  }

  /** As seen within the last second or two. */
  @Override
  public StoreHealth health() {
    String failed = failure;
    long micros = probeMicros;
    StoreHealth.Status status =
        !failed.isEmpty()
            ? StoreHealth.Status.FAILED
            : micros > slowMicros ? StoreHealth.Status.SLOW : StoreHealth.Status.OK;
    String reason =
        status == StoreHealth.Status.SLOW
            ? "Cassandra takes " + micros / 1_000 + " ms to answer"
            : failed;
    return new StoreHealth(status, reason, micros, queueLog.pendingBytes());
  }

  @Override
  public void close() {
    probing.shutdownNow();
    leasing.shutdownNow();
    session.close();
  }
}
