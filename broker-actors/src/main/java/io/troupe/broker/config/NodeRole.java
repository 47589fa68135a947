package io.troupe.broker.config;

import java.util.Locale;

/** What a node of a cluster does. */
public enum NodeRole {
  /** Clients connect to it. */
  CLIENTS,
  /** It has sessions, and partitions of topics, retained messages and the directory. */
  STORAGE;

  private final String text = name().toLowerCase(Locale.ROOT);

  /** As the setting and the members' list have it. */
  public String text() {
    return text;
  }
}
