package io.troupe.protocol.packet;

/**
 * One name and value of the User Property (5.0); names may repeat and order is kept
 * (MQTT-3.3.2-18).
 */
public record UserProperty(String name, String value) {}
