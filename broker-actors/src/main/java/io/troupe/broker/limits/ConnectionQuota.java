package io.troupe.broker.limits;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How many connections may be open: in all, from one address, per second, and not yet accepted.
 * Thread-safe. Of IPv6 the first 64 bits are the address: a host chooses the rest freely.
 */
public final class ConnectionQuota {
  private final LimitsConfig limits;
  private final TokenBucket rate;
  private final Map<Object, Integer> byAddress = new HashMap<>();
  private int open;
  private int unauthenticated;

  public ConnectionQuota(LimitsConfig limits, long nowNanos) {
    this.limits = limits;
    this.rate = new TokenBucket(limits.connectRate(), limits.connectBurst(), nowNanos);
  }

  /** The answer to a new connection. */
  public sealed interface Admission {}

  /**
   * Stays out.
   *
   * @param reason SERVER_BUSY, QUOTA_EXCEEDED or CONNECTION_RATE_EXCEEDED
   */
  public record Refused(ReasonCode reason) implements Admission {}

  /** Counts a new connection, or refuses it. */
  public synchronized Admission admit(SocketAddress address, long nowNanos) {
    if (open >= limits.connectionsMax()) {
      return new Refused(ReasonCode.QUOTA_EXCEEDED);
    }
    Object key = key(address);
    if (byAddress.getOrDefault(key, 0) >= limits.connectionsPerAddressMax()) {
      return new Refused(ReasonCode.QUOTA_EXCEEDED);
    }
    if (unauthenticated >= limits.unauthenticatedMax()) {
      return new Refused(ReasonCode.SERVER_BUSY);
    }
    if (!rate.tryTake(1, nowNanos)) {
      return new Refused(ReasonCode.CONNECTION_RATE_EXCEEDED);
    }
    open++;
    unauthenticated++;
    byAddress.merge(key, 1, Integer::sum);
    return new Slot(key);
  }

  /** Connections admitted and not closed. */
  public synchronized int open() {
    return open;
  }

  private static Object key(SocketAddress address) {
    InetAddress ip = address instanceof InetSocketAddress inet ? inet.getAddress() : null;
    if (ip instanceof Inet6Address) {
      return Arrays.toString(Arrays.copyOf(ip.getAddress(), 8));
    }
    return ip == null ? address.toString() : ip;
  }

  /** One open connection's place; {@link #close} gives it back. Both methods may be repeated. */
  public final class Slot implements Admission {
    private final Object address;
    private boolean waiting = true;
    private boolean closed;

    private Slot(Object address) {
      this.address = address;
    }

    /** CONNACK with success was sent. */
    public void authenticated() {
      synchronized (ConnectionQuota.this) {
        leaveWaiting();
      }
    }

    public void close() {
      synchronized (ConnectionQuota.this) {
        if (closed) {
          return;
        }
        closed = true;
        leaveWaiting();
        open--;
        byAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
      }
    }

    private void leaveWaiting() {
      if (waiting) {
        waiting = false;
        unauthenticated--;
      }
    }
  }
}
