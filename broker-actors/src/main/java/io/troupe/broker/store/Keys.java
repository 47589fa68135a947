package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * The database's keys.
 *
 * <p>A persistence id is a string chosen by clients in part, so it is written with its length: no
 * id can be taken for the beginning of another. A hash of it goes first, 8 bytes, to give Bloom
 * filters a prefix of fixed length; a collision of hashes costs time, nothing else.
 */
final class Keys {
  /** Length of the prefix that Bloom filters and iterators of the sorted families use. */
  static final int PREFIX_BYTES = 8;

  private static final int NUMBER_BYTES = 8;
  private static final byte JOURNAL_HEAD = 'h';
  private static final byte QUEUE_HEAD = 'q';
  private static final byte DEDUP = 'd';
  private static final byte MARK = 'm';
  private static final long HASH_START = 0xcbf29ce484222325L;
  private static final long HASH_PRIME = 0x100000001b3L;

  private Keys() {}

  /** Of an event or a snapshot. */
  static byte[] numbered(String persistenceId, long sequenceNr) {
    byte[] id = persistenceId.getBytes(UTF_8);
    byte[] key = new byte[NUMBER_BYTES + 4 + id.length + NUMBER_BYTES];
    BigEndian.putLong(key, 0, hash(id));
    BigEndian.putInt(key, NUMBER_BYTES, id.length);
    System.arraycopy(id, 0, key, NUMBER_BYTES + 4, id.length);
    BigEndian.putLong(key, key.length - NUMBER_BYTES, sequenceNr);
    return key;
  }

  /** The key with another number at its end. */
  static byte[] withNumber(byte[] numbered, long number) {
    byte[] key = numbered.clone();
    BigEndian.putLong(key, key.length - NUMBER_BYTES, number);
    return key;
  }

  /** The number at the end of an event's, a snapshot's, a queue entry's or a dedup key. */
  static long number(byte[] key) {
    return BigEndian.getLong(key, key.length - NUMBER_BYTES);
  }

  /** Whether two keys differ in nothing but the number at their end. */
  static boolean sameOwner(byte[] one, byte[] other) {
    int owner = one.length - NUMBER_BYTES;
    return one.length == other.length && Arrays.equals(one, 0, owner, other, 0, owner);
  }

  static byte[] queueEntry(long queueId, long offset) {
    byte[] key = new byte[2 * NUMBER_BYTES];
    BigEndian.putLong(key, 0, queueId);
    BigEndian.putLong(key, NUMBER_BYTES, offset);
    return key;
  }

  static byte[] journalHead(String persistenceId) {
    return tagged(JOURNAL_HEAD, persistenceId);
  }

  static byte[] queueHead(long queueId) {
    byte[] key = new byte[1 + NUMBER_BYTES];
    key[0] = QUEUE_HEAD;
    BigEndian.putLong(key, 1, queueId);
    return key;
  }

  static byte[] mark(String name) {
    return tagged(MARK, name);
  }

  static byte[] dedup(int partition, String publisher, long sequence) {
    byte[] id = publisher.getBytes(UTF_8);
    byte[] key = new byte[1 + 4 + 4 + id.length + NUMBER_BYTES];
    key[0] = DEDUP;
    BigEndian.putInt(key, 1, partition);
    BigEndian.putInt(key, 5, id.length);
    System.arraycopy(id, 0, key, 9, id.length);
    BigEndian.putLong(key, key.length - NUMBER_BYTES, sequence);
    return key;
  }

  /** Whose a dedup key is. */
  static String publisher(byte[] dedup) {
    return new String(dedup, 9, BigEndian.getInt(dedup, 5), UTF_8);
  }

  private static byte[] tagged(byte tag, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    byte[] key = new byte[1 + bytes.length];
    key[0] = tag;
    System.arraycopy(bytes, 0, key, 1, bytes.length);
    return key;
  }

  /** FNV-1a, stored and therefore fixed for ever, with its high bits mixed. */
  private static long hash(byte[] bytes) {
    long hash = HASH_START;
    for (byte each : bytes) {
      hash = (hash ^ (each & 0xFF)) * HASH_PRIME;
    }
    return hash ^ (hash >>> 32);
  }
}
