package io.troupe.protocol.packet;

/** PINGREQ (3.12). */
public record Pingreq() implements Packet {
  public static final Pingreq INSTANCE = new Pingreq();

  @Override
  public int type() {
    return 12;
  }
}
