package io.troupe.broker.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.troupe.protocol.conformance.Promise;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Our encoding of a batch is RocksDB's own. */
class MutationsTest {
  private static final byte[] KEY = {1, 2, 3};
  private static final byte[] LONG_KEY = new byte[200];

  static {
    RocksDB.loadLibrary();
  }

  private static byte[] sealed(byte[] key, byte[] content) {
    Mutations batch = new Mutations(8);
    batch.startPut(Family.STATE, key, content.length);
    batch.raw(content);
    batch.seal();
    byte[] whole = batch.toWriteBatch();
    byte[] value = new byte[content.length + 4];
    System.arraycopy(whole, whole.length - value.length, value, 0, value.length);
    return value;
  }

  @Test
  void encodesAsRocksDbDoes(@TempDir Path folder) throws Exception {
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    for (Family family : Family.values()) {
      families.add(new ColumnFamilyDescriptor(family.nameBytes()));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    Mutations ours = new Mutations(4);
    try (DBOptions options =
            new DBOptions().setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
        RocksDB rocks = RocksDB.open(options, folder.toString(), families, handles);
        WriteOptions writing = new WriteOptions();
        WriteBatch theirs = new WriteBatch()) {
      for (Family family : Family.values()) {
        ColumnFamilyHandle handle = handles.get(family.id());
        byte[] content = new byte[family.id() * 10_000];
        theirs.put(handle, KEY, sealed(KEY, content));
        theirs.put(handle, LONG_KEY, sealed(LONG_KEY, content));
        theirs.delete(handle, LONG_KEY);
        theirs.deleteRange(handle, KEY, new byte[] {9});

        ours.startPut(family, KEY, content.length);
        ours.raw(content);
        ours.seal();
        Mutations rest = new Mutations(0);
        rest.startPut(family, LONG_KEY, content.length);
        rest.raw(content);
        rest.seal();
        rest.delete(family, LONG_KEY);
        rest.deleteRange(family, KEY, new byte[] {9});
        ours.add(rest);
      }

      assertArrayEquals(theirs.data(), ours.toWriteBatch());
      rocks.write(writing, theirs);
      handles.forEach(ColumnFamilyHandle::close);
    }
  }

  @Test
  void aSealedValueOpens() {
    byte[] value = sealed(KEY, new byte[] {1, 42, 43});

    ByteBuffer content = SealedValue.open("it", KEY, value, 1);

    assertArrayEquals(new byte[] {42, 43}, SealedValue.rest(content));
  }

  @Test
  @Promise("I2")
  void everyFlippedBitOfASealedValueIsFound() {
    byte[] value = sealed(KEY, new byte[] {1, 42, 43});
    for (int bit = 0; bit < value.length * 8; bit++) {
      byte[] damaged = value.clone();
      damaged[bit / 8] ^= (byte) (1 << (bit % 8));

      assertThrows(StoreDamagedException.class, () -> SealedValue.open("it", KEY, damaged, 1));
    }
  }

  @Test
  @Promise("I2")
  void aValueUnderAnotherKeyIsFound() {
    byte[] value = sealed(KEY, new byte[] {1, 42, 43});

    assertThrows(
        StoreDamagedException.class, () -> SealedValue.open("it", new byte[] {1, 2, 4}, value, 1));
  }

  @Test
  void anAnnouncedLengthMustBeKept() {
    Mutations batch = new Mutations(100);
    batch.startPut(Family.STATE, KEY, 5);
    batch.int32(1);

    assertThrows(IllegalStateException.class, batch::seal);
  }

  @Test
  void aCommitNumberIsFoundAtTheEndOfABatch() {
    Mutations batch = new Mutations(100);
    batch.delete(Family.QUEUES, KEY);
    CommitMark.addTo(batch, 4711);
    byte[] record = batch.toWriteBatch();

    assertEquals(4711, CommitMark.atEndOf(record, record.length));
    assertEquals(0, CommitMark.atEndOf(record, record.length - 1));
  }
}
