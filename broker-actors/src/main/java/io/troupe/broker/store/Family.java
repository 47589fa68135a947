package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * RocksDB's column families: key spaces of their own in one database with one write-ahead log. The
 * order is stored (it is the family's number): new ones go to the end.
 */
enum Family {
  /** Small rows found by their whole key: heads of journals and queues, dedup keys, marks. */
  STATE("default"),
  /** Journal events: persistence id, sequence number. */
  EVENTS("events"),
  /** Snapshots: persistence id, sequence number. */
  SNAPSHOTS("snapshots"),
  /** Messages: queue id, offset. */
  QUEUES("queues");

  private final String storedName;

  Family(String storedName) {
    this.storedName = storedName;
  }

  byte[] nameBytes() {
    return storedName.getBytes(UTF_8);
  }

  int id() {
    return ordinal();
  }
}
