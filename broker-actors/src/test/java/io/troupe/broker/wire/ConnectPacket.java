package io.troupe.broker.wire;

import java.nio.charset.StandardCharsets;

/** A CONNECT to send: a fresh session without will or credentials unless told otherwise. */
final class ConnectPacket {
  final Version version;
  final String clientId;
  private boolean clean = true;
  private int keepAliveSeconds = 60;
  private Properties5 properties = Properties5.none();
  private PublishPacket will;
  private String username;
  private byte[] password;
  private Integer flags;

  ConnectPacket(Version version, String clientId) {
    this.version = version;
    this.clientId = clientId;
  }

  ConnectPacket clean(boolean value) {
    clean = value;
    return this;
  }

  /** A session that outlives its connections. */
  ConnectPacket persistent() {
    clean = false;
    if (version.is5()) {
      properties.with(Properties5.SESSION_EXPIRY, 600);
    }
    return this;
  }

  ConnectPacket keepAlive(int seconds) {
    keepAliveSeconds = seconds;
    return this;
  }

  ConnectPacket with(Properties5 values) {
    properties = values;
    return this;
  }

  ConnectPacket with(int property, long value) {
    properties.with(property, value);
    return this;
  }

  /** Topic, payload, QoS, retain and properties of this become the will's. */
  ConnectPacket will(PublishPacket value) {
    will = value;
    return this;
  }

  ConnectPacket username(String value) {
    username = value;
    return this;
  }

  ConnectPacket password(String value) {
    password = value.getBytes(StandardCharsets.UTF_8);
    return this;
  }

  /** Overrides the connect flags, whatever the payload holds. */
  ConnectPacket flags(int value) {
    flags = value;
    return this;
  }

  byte[] toArray() {
    return body().packet(0x10);
  }

  /** Everything after the fixed header. */
  Bytes body() {
    var body =
        new Bytes()
            .string(version.protocolName)
            .u8(version.level)
            .u8(flags == null ? naturalFlags() : flags)
            .u16(keepAliveSeconds);
    if (version.is5()) {
      body.raw(properties.toArray());
    }
    body.string(clientId);
    if (will != null) {
      if (version.is5()) {
        body.raw(will.properties().toArray());
      }
      body.string(will.topic()).data(will.payload());
    }
    if (username != null) {
      body.string(username);
    }
    if (password != null) {
      body.data(password);
    }
    return body;
  }

  private int naturalFlags() {
    int value = clean ? 0x02 : 0;
    if (will != null) {
      value |= 0x04 | will.qos() << 3 | (will.isRetain() ? 0x20 : 0);
    }
    if (username != null) {
      value |= 0x80;
    }
    if (password != null) {
      value |= 0x40;
    }
    return value;
  }
}
