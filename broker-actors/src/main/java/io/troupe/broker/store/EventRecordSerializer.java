package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import akka.actor.ActorRef;
import akka.persistence.PersistentRepr;
import akka.persistence.journal.Tagged;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A journal event as a row. Version 1, numbers big-endian, texts with their length before them:
 *
 * <pre>
 * version (1) flags (1) timestamp (8, ms)
 * writer (16 when flag WRITER_UUID, else text)
 * adapter's manifest (text; only with flag MANIFEST)
 * event: serializer id, manifest, bytes
 * metadata: the same; only with flag METADATA
 * </pre>
 *
 * <p>Persistence id and sequence number are the row's key.
 */
final class EventRecordSerializer {
  private static final int VERSION = 1;
  private static final int WRITER_UUID = 1;
  private static final int MANIFEST = 2;
  private static final int METADATA = 4;
  private static final int FIXED_BYTES = 1 + 1 + 8;
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final PayloadSerializer payloads;

  EventRecordSerializer(PayloadSerializer payloads) {
    this.payloads = payloads;
  }

  /**
   * The events of one atomic write as a batch of their own.
   *
   * @throws Exception when one of them cannot be serialised; then none is to be stored
   */
  Mutations encode(Iterable<PersistentRepr> events) throws Exception {
    Mutations batch = new Mutations(256);
    for (PersistentRepr event : events) {
      addTo(batch, event);
    }
    return batch;
  }

  private void addTo(Mutations batch, PersistentRepr event) throws Exception {
    Object payload = event.payload() instanceof Tagged tagged ? tagged.payload() : event.payload();
    PayloadSerializer.Encoded encoded = payloads.encode(payload);
    PayloadSerializer.@Nullable Encoded metadata =
        event.metadata().isDefined() ? payloads.encode(event.metadata().get()) : null;
    boolean uuid = UUID_TEXT.matcher(event.writerUuid()).matches();
    byte[] writer = uuid ? new byte[16] : event.writerUuid().getBytes(UTF_8);
    byte[] manifest = event.manifest().getBytes(UTF_8);
    int size =
        FIXED_BYTES
            + (uuid ? 16 : 4 + writer.length)
            + (manifest.length == 0 ? 0 : 4 + manifest.length)
            + encoded.size()
            + (metadata == null ? 0 : metadata.size());
    batch.startPut(Family.EVENTS, Keys.numbered(event.persistenceId(), event.sequenceNr()), size);
    batch.int8(VERSION);
    batch.int8(
        (uuid ? WRITER_UUID : 0)
            | (manifest.length == 0 ? 0 : MANIFEST)
            | (metadata == null ? 0 : METADATA));
    batch.int64(event.timestamp());
    if (uuid) {
      UUID id = UUID.fromString(event.writerUuid());
      batch.int64(id.getMostSignificantBits());
      batch.int64(id.getLeastSignificantBits());
    } else {
      batch.int32(writer.length);
      batch.raw(writer);
    }
    if (manifest.length > 0) {
      batch.int32(manifest.length);
      batch.raw(manifest);
    }
    encoded.addTo(batch);
    if (metadata != null) {
      metadata.addTo(batch);
    }
    batch.seal();
  }

  PersistentRepr decode(String persistenceId, byte[] key, byte[] value) {
    long sequenceNr = Keys.number(key);
    String what = "event " + sequenceNr + " of '" + persistenceId + "'";
    ByteBuffer content = SealedValue.open(what, key, value, VERSION);
    int flags = content.get();
    long timestamp = content.getLong();
    String writer =
        (flags & WRITER_UUID) != 0
            ? new UUID(content.getLong(), content.getLong()).toString()
            : SealedValue.text(content);
    String manifest = (flags & MANIFEST) != 0 ? SealedValue.text(content) : "";
    Object payload = payloads.decode(what, content);
    PersistentRepr event =
        PersistentRepr.apply(
                payload, sequenceNr, persistenceId, manifest, false, ActorRef.noSender(), writer)
            .withTimestamp(timestamp);
    return (flags & METADATA) == 0
        ? event
        : event.withMetadata(payloads.decode(what + ", metadata", content));
  }
}
