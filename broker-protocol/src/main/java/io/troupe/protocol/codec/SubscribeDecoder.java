package io.troupe.protocol.codec;

import static io.troupe.protocol.packet.ProtocolViolation.malformed;
import static io.troupe.protocol.packet.ProtocolViolation.protocolError;

import io.netty.buffer.ByteBuf;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsubscribe;
import java.util.ArrayList;
import java.util.List;

/**
 * SUBSCRIBE (3.8) and UNSUBSCRIBE (3.10). The syntax of a topic filter is not checked here: 5.0
 * answers it filter by filter with 0x8F.
 */
final class SubscribeDecoder {
  private SubscribeDecoder() {}

  static Subscribe decodeSubscribe(ByteBuf in, ProtocolVersion version) throws ProtocolViolation {
    int packetId = DataRepresentation.readPacketId(in, version);
    PropertyValues values =
        version.isV5() ? PropertyValues.read(in, PropertyId.Places.SUBSCRIBE) : PropertyValues.NONE;
    if (!in.isReadable()) {
      throw protocolError(
          version.isV5() ? "MQTT-3.8.3-2" : "MQTT-3.8.3-3", "SUBSCRIBE without a topic filter");
    }
    List<Subscribe.Entry> entries = new ArrayList<>(1);
    while (in.isReadable()) {
      String filter = DataRepresentation.readString(in, version, "Topic Filter");
      int options = DataRepresentation.readByte(in, "Subscription Options");
      entries.add(version.isV5() ? entry(filter, options) : entry3(filter, options));
    }
    List<Integer> ids = values.subscriptionIds();
    return new Subscribe(
        packetId, ids.isEmpty() ? 0 : ids.get(0), values.userProperties(), entries);
  }

  private static Subscribe.Entry entry(String filter, int options) throws ProtocolViolation {
    if ((options & 0xC0) != 0) {
      throw malformed("MQTT-3.8.3-5", "reserved Subscription Options bits are set");
    }
    if ((options & 3) == 3) {
      throw protocolError("3.8.3.1", "SUBSCRIBE with Maximum QoS 3");
    }
    int retainHandling = options >> 4;
    if (retainHandling == 3) {
      throw protocolError("3.8.3.1", "SUBSCRIBE with Retain Handling 3");
    }
    boolean noLocal = (options & 4) != 0;
    if (noLocal && filter.startsWith("$share/")) {
      throw protocolError("MQTT-3.8.3-4", "No Local on a Shared Subscription");
    }
    return new Subscribe.Entry(
        filter, Qos.of(options & 3), noLocal, (options & 8) != 0, retainHandling);
  }

  private static Subscribe.Entry entry3(String filter, int qos) throws ProtocolViolation {
    if (qos > 2) {
      throw malformed("MQTT-3.8.3-4", "Requested QoS is not 0, 1 or 2");
    }
    return Subscribe.Entry.of(filter, Qos.of(qos));
  }

  static Unsubscribe decodeUnsubscribe(ByteBuf in, ProtocolVersion version)
      throws ProtocolViolation {
    int packetId = DataRepresentation.readPacketId(in, version);
    PropertyValues values =
        version.isV5() ? PropertyValues.read(in, 1 << PacketType.UNSUBSCRIBE) : PropertyValues.NONE;
    if (!in.isReadable()) {
      throw protocolError("MQTT-3.10.3-2", "UNSUBSCRIBE without a topic filter");
    }
    List<String> filters = new ArrayList<>(1);
    while (in.isReadable()) {
      filters.add(DataRepresentation.readString(in, version, "Topic Filter"));
    }
    return new Unsubscribe(packetId, values.userProperties(), filters);
  }
}
