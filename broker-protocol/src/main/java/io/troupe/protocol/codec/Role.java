package io.troupe.protocol.codec;

/** Which side of the connection we are; it decides which packets may come in (2.1.2). */
public enum Role {
  SERVER,
  CLIENT
}
