package io.troupe.broker.config;

/** Whether clients of a TLS listener show a certificate of their own. */
public enum ClientAuth {
  NONE,
  OPTIONAL,
  REQUIRED
}
