package io.troupe.broker.store;

import static io.troupe.broker.store.StoreTesting.await;
import static io.troupe.broker.store.StoreTesting.entries;
import static io.troupe.broker.store.StoreTesting.newest;
import static io.troupe.broker.store.StoreTesting.offsets;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of files that are not as they were written. */
class DamageTest {
  private static final long QUEUE = 1;
  private static final int ENTRY_BYTES = 1_000;

  @TempDir Path folder;

  /** Stores this many entries, each with a commit of its own. */
  private void write(int from, int to) {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      for (int offset = from; offset <= to; offset++) {
        await(
            store
                .queueLog()
                .append(entries(QUEUE, offset, offset, ENTRY_BYTES), List.of(), List.of()));
      }
    }
  }

  private void assertHolds(int from, int to) {
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      assertHolds(store, from, to);
    }
  }

  private static void assertHolds(EmbeddedStore store, int from, int to) {
    assertArrayEquals(
        LongStream.rangeClosed(from, to).toArray(),
        offsets(await(store.queueLog().read(QUEUE, 1, 10_000, Long.MAX_VALUE))));
  }

  private String refusal() {
    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(folder).close())
            .getMessage();
    assertTrue(message.contains("backup"), message);
    return message;
  }

  private Path log() {
    return newest(folder, ".log");
  }

  private static void flip(Path file, long position) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(position);
      int old = access.read();
      access.seek(position);
      access.write(old ^ 0x10);
    }
  }

  private static void append(Path file, byte[] bytes) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.seek(access.length());
      access.write(bytes);
    }
  }

  private static void cut(Path file, long length) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(length);
    }
  }

  private void forgetCommitMark() throws IOException {
    Files.delete(folder.resolve("COMMITTED"));
  }

  @Test
  @Promise("I22")
  void garbageAfterTheLastCommitIsDropped() throws IOException {
    write(1, 50);
    append(log(), StoreTesting.bytes(9, 9, 700));

    assertHolds(1, 50);
    write(51, 60);
    assertHolds(1, 60);
  }

  @Test
  void zerosAfterTheLastCommitAreDropped() throws IOException {
    write(1, 50);
    append(log(), new byte[100_000]);

    assertHolds(1, 50);
  }

  @Test
  @Promise("I22")
  void aTornRecordAfterTheLastCommitIsDropped() throws IOException {
    write(1, 50);
    long acknowledged = Files.size(log());
    byte[] mark = Files.readAllBytes(folder.resolve("COMMITTED"));
    Path copy = folder.resolve("copy");
    Files.copy(log(), copy);
    // the 51st commit, torn: its record is cut and its acknowledgement never given
    Path log = log();
    byte[] before = Files.readAllBytes(log);
    byte[] torn = new byte[600];
    System.arraycopy(before, (int) acknowledged - 1_100, torn, 0, torn.length);
    append(log, torn);
    Files.write(folder.resolve("COMMITTED"), mark);
    Files.delete(copy);

    assertHolds(1, 50);
  }

  @Test
  @Promise("I22")
  void aFlippedBitBeforeLaterCommitsRefusesTheStart() throws IOException {
    write(1, 50);
    flip(log(), Files.size(log()) / 2);

    String message = refusal();

    assertTrue(message.contains(log().toString()), message);
    assertTrue(message.contains("at byte"), message);
  }

  @Test
  void aFlippedBitBeforeLaterCommitsRefusesTheStartAlsoWithoutTheMark() throws IOException {
    write(1, 200);
    forgetCommitMark();
    flip(log(), Files.size(log()) / 2);

    assertTrue(refusal().contains(log().toString()));
  }

  @Test
  void aFlippedBitInTheVeryLastAcknowledgedCommitRefusesTheStart() throws IOException {
    write(1, 50);
    flip(log(), Files.size(log()) - 20);

    String message = refusal();

    assertTrue(message.contains("from number 50 to 50"), message);
    assertTrue(message.contains(log().toString()), message);
  }

  @Test
  void aFlippedBitInTheOnlyCommitRefusesTheStart() throws IOException {
    write(1, 50);
    write(51, 51);
    flip(log(), Files.size(log()) - 500);

    assertTrue(refusal().contains("from number 51 to 51"));
  }

  @Test
  @Promise("I22")
  void aLogCutInsideAcknowledgedDataRefusesTheStart() throws IOException {
    write(1, 50);
    cut(log(), Files.size(log()) - 300);

    assertTrue(refusal().contains("from number 50 to 50"));
  }

  @Test
  void aLogCutBetweenRecordsRefusesTheStart() throws IOException {
    write(1, 1);
    long one = Files.size(log());
    write(2, 2);
    long two = Files.size(log());
    write(3, 10);
    assertTrue(one > 0 && two > 0);
    cut(log(), 0);

    assertTrue(refusal().contains("commits are missing"));
  }

  @Test
  void aMissingLogRefusesTheStart() throws IOException {
    write(1, 10);
    Files.delete(log());

    assertTrue(refusal().contains("missing"));
  }

  @Test
  void aMissingDatabaseRefusesTheStart() throws IOException {
    write(1, 10);
    try (Stream<Path> files = Files.walk(folder.resolve("db"))) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }

    assertTrue(refusal().contains("from number 1 to 10"));
  }

  @Test
  void aRefusedStartChangesNothing() throws IOException {
    write(1, 50);
    long position = Files.size(log()) / 2;
    flip(log(), position);
    refusal();
    refusal();

    flip(log(), position);

    assertHolds(1, 50);
  }

  @Test
  void discardStartsWithWhatLiesBeforeTheDamage() throws IOException {
    write(1, 50);
    flip(log(), Files.size(log()) / 2);
    var discarding =
        StoreSettings.from(StoreTesting.with(StoreTesting.config(folder), "on-damage", "discard"));

    try (EmbeddedStore store = EmbeddedStore.open(discarding)) {
      long last = await(store.queueLog().bounds(QUEUE)).lastOffset();
      assertTrue(last > 15 && last < 30, "last offset " + last);
      assertHolds(store, 1, (int) last);
    }
    write(100, 101);
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      assertEquals(101, await(store.queueLog().bounds(QUEUE)).lastOffset());
    }
  }

  @Test
  @Promise("I22")
  void aFlippedBitInADataFileRefusesTheStart() throws Exception {
    write(1, 50);
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      store.database().flush();
    }
    Path file = newest(folder, ".sst");
    flip(file, Files.size(file) / 3);

    String message = refusal();

    assertTrue(message.contains(file.getFileName().toString()), message);
  }

  @Test
  void aFlippedBitInALargeStoreIsFoundInTheBackground() throws Exception {
    write(1, 50);
    try (EmbeddedStore store = StoreTesting.open(folder)) {
      store.database().flush();
    }
    Path file = newest(folder, ".sst");
    flip(file, Files.size(file) / 3);
    var unverified =
        StoreSettings.from(
            StoreTesting.with(StoreTesting.config(folder), "verify-at-start-max", "0 B"));

    try (EmbeddedStore store = EmbeddedStore.open(unverified)) {
      StoreTesting.until(
          "damage in health", () -> store.health().status() == StoreHealth.Status.FAILED);
      assertTrue(store.health().reason().contains(file.getFileName().toString()));
    }
  }

  @Test
  void aDamagedManifestRefusesTheStart() throws IOException {
    write(1, 50);
    try (Stream<Path> files = Files.list(folder.resolve("db"))) {
      Path manifest =
          files.filter(f -> f.getFileName().toString().startsWith("MANIFEST")).findAny().get();
      flip(manifest, Files.size(manifest) / 2);
    }

    refusal();
  }

  @Test
  void aNewerFormatRefusesTheStart() throws IOException {
    write(1, 1);
    Files.writeString(folder.resolve("FORMAT"), "troupe-store 2\n");

    String message =
        assertThrows(StoreStartException.class, () -> StoreTesting.open(folder)).getMessage();
    assertTrue(message.contains("format 2") && message.contains("newer version"), message);
  }

  @Test
  void aDamagedFormatFileRefusesTheStart() throws IOException {
    write(1, 1);
    Files.write(folder.resolve("FORMAT"), "trouqe".getBytes(StandardCharsets.UTF_8));

    assertTrue(refusal().contains("FORMAT"));
  }

  @Test
  void aLostCommitMarkAloneDoesNotPreventTheStart() throws IOException {
    write(1, 50);
    forgetCommitMark();

    assertHolds(1, 50);
  }
}
