package io.troupe.broker.cassandra;

import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.cql.Row;
import io.troupe.broker.store.NodeMarks;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;

/** The {@link NodeMarks} of one node, by its name. */
final class CassandraNodeMarks implements NodeMarks {
  private final String node;
  private final CqlSession session;
  private final QueueTables tables;

  CassandraNodeMarks(String node, CqlSession session, QueueTables tables) {
    this.node = node;
    this.session = session;
    this.tables = tables;
  }

  @Override
  public CompletionStage<Void> put(String name, long value) {
    return session.executeAsync(tables.putMark.bind(node, name, value)).thenAccept(done -> {});
  }

  @Override
  public OptionalLong get(String name) {
    Row row = session.execute(tables.getMark.bind(node, name)).one();
    return row == null ? OptionalLong.empty() : OptionalLong.of(row.getLong("mark"));
  }
}
