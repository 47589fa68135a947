package io.troupe.broker.directory;

/**
 * What the directory keeps of one client.
 *
 * @param connectedTo incarnation of the node its connection is attached to, or empty: not
 *     connected. If that node is gone (killed, restarted, removed from the cluster), the session is
 *     woken
 * @param wakeAtMillis when to wake the session (will delay or session expiry, whichever is first),
 *     milliseconds since the epoch; {@link Long#MAX_VALUE}: never
 */
public record ClientRecord(String clientId, String connectedTo, long wakeAtMillis) {

  public boolean isConnected() {
    return !connectedTo.isEmpty();
  }
}
