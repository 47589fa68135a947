package io.troupe.broker.config;

/** How the nodes of a cluster find each other. */
public enum Discovery {
  /** By the list of seed nodes; none: a single node. */
  CONFIG,
  /** By the records of a name. */
  DNS,
  /** By the pods with a label. */
  KUBERNETES
}
