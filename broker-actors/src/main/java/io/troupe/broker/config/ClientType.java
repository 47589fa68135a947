package io.troupe.broker.config;

/** What kind of client a credential is for; the session is the same, its limits differ. */
public enum ClientType {
  /** One of many: a modest offline queue. */
  DEVICE,
  /** A back-end service that must see everything: a large one. */
  APPLICATION
}
