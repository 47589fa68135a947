package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A packet from the broker as it came, and its readings. */
final class Received {
  static final int CONNACK = 2;
  static final int PUBLISH = 3;
  static final int PUBACK = 4;
  static final int PUBREC = 5;
  static final int PUBREL = 6;
  static final int PUBCOMP = 7;
  static final int SUBACK = 9;
  static final int UNSUBACK = 11;
  static final int PINGRESP = 13;
  static final int DISCONNECT = 14;
  static final int AUTH = 15;

  private final Version version;
  private final int firstByte;
  private final byte[] body;

  Received(Version version, int firstByte, byte[] body) {
    this.version = version;
    this.firstByte = firstByte;
    this.body = body;
  }

  record Connack(int flags, int code, Properties5 properties) {
    boolean sessionPresent() {
      return flags == 1;
    }
  }

  record Publish(
      String topic,
      ByteBuffer bytes,
      int qos,
      boolean retain,
      boolean dup,
      int packetId,
      Properties5 properties) {
    String payload() {
      return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }
  }

  /** PUBACK, PUBREC, PUBREL, PUBCOMP. */
  record Ack(int packetId, int code, Properties5 properties) {}

  /** SUBACK, UNSUBACK. */
  record Codes(int packetId, List<Integer> codes, Properties5 properties) {}

  record Disconnect(int code, Properties5 properties) {}

  int type() {
    return firstByte >> 4;
  }

  /** Everything after the fixed header. */
  byte[] body() {
    return body;
  }

  /** Bytes on the wire. */
  int size() {
    return new Bytes().raw(body).packet(firstByte).length;
  }

  Connack connack() {
    expectHeader(CONNACK, 0);
    var in = new Reader(body);
    int flags = in.u8();
    assertEquals(0, flags & 0xFE, "reserved acknowledge flags");
    int code = in.u8();
    var properties = version.is5() ? Properties5.read(in) : Properties5.none();
    assertFalse(in.hasMore());
    return new Connack(flags, code, properties);
  }

  Publish publish() {
    assertEquals(PUBLISH, type(), this::toString);
    int qos = firstByte >> 1 & 3;
    var in = new Reader(body);
    String topic = in.string();
    int packetId = qos > 0 ? in.u16() : 0;
    var properties = version.is5() ? Properties5.read(in) : Properties5.none();
    return new Publish(
        topic,
        ByteBuffer.wrap(in.rest()),
        qos,
        (firstByte & 1) != 0,
        (firstByte & 8) != 0,
        packetId,
        properties);
  }

  Ack ack(int type) {
    expectHeader(type, type == PUBREL ? 2 : 0);
    var in = new Reader(body);
    int packetId = in.u16();
    int code = in.hasMore() ? in.u8() : 0;
    var properties = in.hasMore() ? Properties5.read(in) : Properties5.none();
    assertFalse(in.hasMore());
    return new Ack(packetId, code, properties);
  }

  Codes codes(int type) {
    expectHeader(type, 0);
    var in = new Reader(body);
    int packetId = in.u16();
    var properties = version.is5() ? Properties5.read(in) : Properties5.none();
    var codes = new ArrayList<Integer>();
    while (in.hasMore()) {
      codes.add(in.u8());
    }
    return new Codes(packetId, codes, properties);
  }

  Disconnect disconnect() {
    expectHeader(DISCONNECT, 0);
    assertEquals(Version.V5, version, "a 3.x client gets no DISCONNECT");
    var in = new Reader(body);
    int code = in.hasMore() ? in.u8() : 0;
    var properties = in.hasMore() ? Properties5.read(in) : Properties5.none();
    assertFalse(in.hasMore());
    return new Disconnect(code, properties);
  }

  private void expectHeader(int type, int flags) {
    assertEquals(Integer.toHexString(type << 4 | flags), Integer.toHexString(firstByte));
  }

  @Override
  public String toString() {
    var hex = new StringBuilder("packet " + Integer.toHexString(firstByte) + ":");
    for (int i = 0; i < Math.min(body.length, 200); i++) {
      hex.append(' ').append(Integer.toHexString(body[i] & 0xFF));
    }
    return hex.toString();
  }
}
