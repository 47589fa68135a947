package io.troupe.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import akka.serialization.Serialization;
import akka.serialization.Serializer;
import akka.serialization.Serializers;
import java.io.NotSerializableException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Objects as the actor system's serializers write them: serializer id, manifest, bytes. The form in
 * a record is {@code id (4) manifest (4 + n) bytes (4 + n)}.
 */
final class PayloadSerializer {
  private final Serialization serialization;

  PayloadSerializer(Serialization serialization) {
    this.serialization = serialization;
  }

  /** One object's bytes, ready to be put into a record. */
  static final class Encoded {
    private static final int NUMBERS = 4 + 4 + 4;
    private final int serializerId;
    private final byte[] manifest;
    private final byte[] bytes;

    private Encoded(int serializerId, byte[] manifest, byte[] bytes) {
      this.serializerId = serializerId;
      this.manifest = manifest;
      this.bytes = bytes;
    }

    int size() {
      return NUMBERS + manifest.length + bytes.length;
    }

    void addTo(Mutations batch) {
      batch.int32(serializerId);
      batch.int32(manifest.length);
      batch.raw(manifest);
      batch.int32(bytes.length);
      batch.raw(bytes);
    }
  }

  /**
   * Encodes an object.
   *
   * @throws Exception what its serializer throws; {@link NotSerializableException} when it has none
   */
  Encoded encode(Object object) throws Exception {
    Serializer serializer = serialization.findSerializerFor(object);
    byte[] bytes = serialization.serialize(object).get();
    String manifest = Serializers.manifestFor(serializer, object);
    return new Encoded(serializer.identifier(), manifest.getBytes(UTF_8), bytes);
  }

  /**
   * Takes an object off a record.
   *
   * @throws StoreDamagedException when no serializer of this program can read it
   */
  Object decode(String what, ByteBuffer content) {
    int serializerId = content.getInt();
    String manifest = SealedValue.text(content);
    byte[] bytes = SealedValue.counted(content);
    try {
      return serialization.deserialize(bytes, serializerId, manifest).get();
    } catch (Exception e) {
      throw new StoreDamagedException(
          what
              + " cannot be read by serializer "
              + serializerId
              + " with manifest '"
              + manifest
              + "', first bytes "
              + Arrays.toString(Arrays.copyOf(bytes, Math.min(8, bytes.length)))
              + ": "
              + e.getMessage(),
          e);
    }
  }
}
