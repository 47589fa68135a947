package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.ConsistencyLevel;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.DefaultConsistencyLevel;
import com.datastax.oss.driver.api.core.cql.PreparedStatement;
import com.datastax.oss.driver.api.core.cql.SimpleStatement;
import java.util.List;

/**
 * The tables of the durable queues and the statements on them.
 *
 * <p>{@code queue_entries} has one row per message, at most {@value #BUCKET} of them in one
 * Cassandra partition. A row counts only if the head of its queue says that its writer was the one
 * at its offset: what a writer left behind whose commit failed is never read.
 *
 * <p>{@code queue_state} has one Cassandra partition per topic partition: the epoch of its writer,
 * the head of each queue, and the open QoS 2 handshakes. It is what a commit changes, in one
 * conditional batch: all or nothing, and nothing for a writer that is no longer the one.
 */
final class QueueTables {
  static final int BUCKET = 128;
  static final byte HEAD = 0;

  /** A node that was paused for longer than this does not find out that it was removed. */
  private static final int LEASE_ROW_SECONDS = 30 * 86_400;

  static final byte DEDUP = 1;

  private static final ConsistencyLevel QUORUM = DefaultConsistencyLevel.LOCAL_QUORUM;
  private static final ConsistencyLevel SERIAL = DefaultConsistencyLevel.LOCAL_SERIAL;

  final PreparedStatement insertEntry;
  final PreparedStatement readEntries;
  final PreparedStatement deleteBucket;
  final PreparedStatement readEpoch;
  final PreparedStatement claimEpoch;
  final PreparedStatement claimFirstEpoch;
  final PreparedStatement keepEpoch;
  final PreparedStatement readHead;
  final PreparedStatement writeHead;
  final PreparedStatement writeFirst;
  final PreparedStatement deleteHead;
  final PreparedStatement insertDedup;
  final PreparedStatement deleteDedup;
  final PreparedStatement readDedup;
  final PreparedStatement putMark;
  final PreparedStatement getMark;
  final PreparedStatement beginLease;
  final PreparedStatement renewLease;
  final PreparedStatement endLease;
  final PreparedStatement forbidLease;
  final PreparedStatement readLeases;

  QueueTables(CqlSession session) {
    insertEntry =
        prepare(
            session,
            "INSERT INTO queue_entries (queue_id, bucket, entry_offset, epoch, body,"
                + " cumulative_bytes) VALUES (?, ?, ?, ?, ?, ?)");
    readEntries =
        prepare(
            session,
            "SELECT entry_offset, epoch, body, cumulative_bytes FROM queue_entries"
                + " WHERE queue_id = ? AND bucket = ? AND entry_offset >= ? AND entry_offset <= ?");
    deleteBucket = prepare(session, "DELETE FROM queue_entries WHERE queue_id = ? AND bucket = ?");
    readEpoch =
        prepare(session, SERIAL, "SELECT epoch FROM queue_state WHERE topic_partition = ? LIMIT 1");
    claimEpoch =
        prepare(session, "UPDATE queue_state SET epoch = ? WHERE topic_partition = ? IF epoch = ?");
    claimFirstEpoch =
        prepare(
            session, "UPDATE queue_state SET epoch = 1 WHERE topic_partition = ? IF epoch = null");
    keepEpoch = claimEpoch;
    String head =
        " WHERE topic_partition = ? AND kind = "
            + HEAD
            + " AND queue_id = ? AND publisher = ''"
            + " AND sequence = 0";
    readHead =
        prepare(
            session,
            "SELECT first_offset, last_offset, last_bytes, writers FROM queue_state" + head);
    writeHead =
        prepare(
            session, "UPDATE queue_state SET last_offset = ?, last_bytes = ?, writers = ?" + head);
    writeFirst = prepare(session, "UPDATE queue_state SET first_offset = ?" + head);
    deleteHead = prepare(session, "DELETE FROM queue_state" + head);
    String dedup =
        " WHERE topic_partition = ? AND kind = " + DEDUP + " AND queue_id = 0 AND publisher = ?";
    insertDedup =
        prepare(
            session,
            "INSERT INTO queue_state (topic_partition, kind, queue_id, publisher, sequence)"
                + " VALUES (?, "
                + DEDUP
                + ", 0, ?, ?)");
    deleteDedup = prepare(session, "DELETE FROM queue_state" + dedup + " AND sequence = ?");
    readDedup = prepare(session, "SELECT sequence FROM queue_state" + dedup);
    putMark = prepare(session, "INSERT INTO node_marks (node, name, mark) VALUES (?, ?, ?)");
    getMark = prepare(session, "SELECT mark FROM node_marks WHERE node = ? AND name = ?");
    beginLease =
        prepare(session, "INSERT INTO node_leases (life, ended) VALUES (?, false) IF NOT EXISTS");
    renewLease =
        prepare(session, "UPDATE node_leases SET ended = false WHERE life = ? IF ended = false");
    endLease =
        prepare(session, "UPDATE node_leases SET ended = true WHERE life = ? IF ended = false");
    forbidLease =
        prepare(session, "INSERT INTO node_leases (life, ended) VALUES (?, true) IF NOT EXISTS");
    readLeases =
        prepare(
            session,
            "SELECT life, ended, WRITETIME(ended) AS renewed_micros,"
                + " toUnixTimestamp(now()) AS now_millis FROM node_leases");
  }

  private static PreparedStatement prepare(CqlSession session, String statement) {
    return prepare(session, QUORUM, statement);
  }

  private static PreparedStatement prepare(
      CqlSession session, ConsistencyLevel consistency, String statement) {
    return session.prepare(
        SimpleStatement.builder(statement)
            .setConsistencyLevel(consistency)
            .setSerialConsistencyLevel(SERIAL)
            .build());
  }

  /**
   * The statements that make keyspace and tables, in order.
   *
   * @param replication copies in the data center
   */
  static List<String> schema(String keyspace, String datacenter, int replication) {
    return List.of(
        "CREATE KEYSPACE IF NOT EXISTS "
            + keyspace
            + " WITH replication = {'class': 'NetworkTopologyStrategy', '"
            + datacenter
            + "': "
            + replication
            + "}",
        "CREATE TABLE IF NOT EXISTS "
            + keyspace
            + ".queue_entries (queue_id bigint, bucket bigint, entry_offset bigint, epoch bigint,"
            + " body blob, cumulative_bytes bigint,"
            + " PRIMARY KEY ((queue_id, bucket), entry_offset, epoch))"
            + " WITH gc_grace_seconds = 86400",
        "CREATE TABLE IF NOT EXISTS "
            + keyspace
            + ".queue_state (topic_partition int, kind tinyint, queue_id bigint, publisher text,"
            + " sequence bigint, epoch bigint static, first_offset bigint, last_offset bigint,"
            + " last_bytes bigint, writers frozen<map<bigint, bigint>>,"
            + " PRIMARY KEY ((topic_partition), kind, queue_id, publisher, sequence))"
            + " WITH gc_grace_seconds = 86400",
        "CREATE TABLE IF NOT EXISTS "
            + keyspace
            + ".node_marks (node text, name text, mark bigint, PRIMARY KEY ((node), name))",
        "CREATE TABLE IF NOT EXISTS "
            + keyspace
            + ".node_leases (life text PRIMARY KEY, ended boolean)"
            + " WITH default_time_to_live = "
            + LEASE_ROW_SECONDS);
  }
}
