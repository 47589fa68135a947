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
import org.jspecify.annotations.Nullable;

/**
 * How many connections may be open: in all, from one address, per second, not yet authenticated,
 * and waiting for CONNACK. Thread-safe. Of IPv6 the first 64 bits are the address: a host chooses
 * the rest freely.
 *
 * <p>A client that is refused is told so with CONNACK, if it comes to send CONNECT. Until then it
 * holds a file descriptor, so those that wait are limited too, to a tenth of all descriptors at
 * most; beyond, connections are closed at once.
 */
public final class ConnectionQuota {
  private static final long UNAUTHENTICATED_PART = 10;

  /** What a client waits for CONNACK at most, about: it would give up and come again. */
  private static final int CONNECT_SECONDS = 2;

  private final LimitsConfig limits;
  private final ClusterCap cluster;
  private final TokenBucket rate;
  private final Map<Object, Integer> byAddress = new HashMap<>();
  private long descriptorsFree = Long.MAX_VALUE;
  private long unauthenticatedMax;
  private int open;
  private int unauthenticated;
  private int connecting;
  private int connectingMax;
  private int acceptedNow;

  /** Of a node without others. */
  public ConnectionQuota(LimitsConfig limits, long nowNanos) {
    this(limits, ClusterCap.NONE, nowNanos);
  }

  /**
   * @param cluster what this node may take of the connections of all nodes
   */
  public ConnectionQuota(LimitsConfig limits, ClusterCap cluster, long nowNanos) {
    this.limits = limits;
    this.cluster = cluster;
    this.rate = new TokenBucket(limits.connectRate(), limits.connectBurst(), nowNanos);
    this.unauthenticatedMax = limits.unauthenticatedMax();
    this.connectingMax = limits.connectingMax();
  }

  /**
   * Takes account of how the node is; once per second.
   *
   * @param free file descriptors that connections may still take
   * @param max the process's limit of descriptors
   */
  public synchronized void sample(long free, long max) {
    descriptorsFree = free;
    unauthenticatedMax =
        Math.min(limits.unauthenticatedMax(), Math.max(1, max / UNAUTHENTICATED_PART));
    connectingMax = Math.max(limits.connectingMax(), CONNECT_SECONDS * acceptedNow);
    acceptedNow = 0;
  }

  /**
   * The answer to a new connection.
   *
   * @param tellable whether a refusal costs no more than a CONNACK: not a TLS handshake before it
   * @param overload why nobody is let in now, or null
   * @return null: it is to be closed at once, without an answer
   */
  public synchronized @Nullable Slot admit(
      SocketAddress address, boolean tellable, @Nullable ReasonCode overload, long nowNanos) {
    if (descriptorsFree <= 0 || unauthenticated >= unauthenticatedMax) {
      return null;
    }
    Object key = key(address);
    ReasonCode refusal = overload == null ? refusal(key, nowNanos) : overload;
    if (refusal != null && !tellable) {
      return null;
    }
    Slot slot = new Slot(key, refusal);
    descriptorsFree--;
    unauthenticated++;
    if (slot.refusal == null) {
      open++;
      byAddress.merge(key, 1, Integer::sum);
    }
    return slot;
  }

  private @Nullable ReasonCode refusal(Object key, long nowNanos) {
    if (open >= limits.connectionsMax()
        || byAddress.getOrDefault(key, 0) >= limits.connectionsPerAddressMax()) {
      return ReasonCode.QUOTA_EXCEEDED;
    }
    if (!rate.tryTake(1, nowNanos)) {
      return ReasonCode.CONNECTION_RATE_EXCEEDED;
    }
    if (!cluster.tryTake()) {
      return ReasonCode.QUOTA_EXCEEDED;
    }
    cluster.settled(1); // it counts as open, under the same lock
    return null;
  }

  /**
   * Takes account of the other nodes, as {@link ClusterCap#renew}.
   *
   * @return connections that this node has and may let in
   */
  public synchronized long renew(long others, int nodes) {
    return cluster.renew(() -> open, others, nodes);
  }

  /** Connections let in and not closed. */
  public synchronized int open() {
    return open;
  }

  /** Connections, told no or not, whose credentials were not accepted. */
  public synchronized int unauthenticated() {
    return unauthenticated;
  }

  /** Clients that wait for CONNACK. */
  public synchronized int connecting() {
    return connecting;
  }

  private static Object key(SocketAddress address) {
    InetAddress ip = address instanceof InetSocketAddress inet ? inet.getAddress() : null;
    if (ip instanceof Inet6Address) {
      return Arrays.toString(Arrays.copyOf(ip.getAddress(), 8));
    }
    return ip == null ? String.valueOf(address) : ip;
  }

  /**
   * One open connection's place; {@link #close} gives it back. Every method may be repeated.
   *
   * <pre>
   *   admitted --connect--> --authenticated--> --accepted (CONNACK)--> --close
   * </pre>
   */
  public final class Slot {
    private final Object address;
    private final @Nullable ReasonCode refusal;
    private boolean waiting = true;
    private boolean closed;
    private boolean connects;

    private Slot(Object address, @Nullable ReasonCode refusal) {
      this.address = address;
      this.refusal = refusal;
    }

    /**
     * CONNECT was read. As many clients wait for CONNACK as the node accepts in {@value
     * #CONNECT_SECONDS} seconds, or as the configuration says if that is more.
     *
     * @return what it is to be answered with, or null: nothing is against this client
     */
    public @Nullable ReasonCode connect() {
      synchronized (ConnectionQuota.this) {
        if (refusal != null || closed || connects) {
          return refusal;
        }
        if (connecting >= connectingMax) {
          return ReasonCode.SERVER_BUSY;
        }
        connects = true;
        connecting++;
        return null;
      }
    }

    /** Its credentials are good. */
    public void authenticated() {
      synchronized (ConnectionQuota.this) {
        leaveWaiting();
      }
    }

    /** CONNACK with success was sent. */
    public void accepted() {
      synchronized (ConnectionQuota.this) {
        if (connects) {
          acceptedNow++;
        }
        leaveConnecting();
      }
    }

    public void close() {
      synchronized (ConnectionQuota.this) {
        if (closed) {
          return;
        }
        closed = true;
        leaveWaiting();
        leaveConnecting();
        descriptorsFree++;
        if (refusal == null) {
          open--;
          cluster.giveBack();
          byAddress.computeIfPresent(address, (a, n) -> n == 1 ? null : n - 1);
        }
      }
    }

    private void leaveConnecting() {
      if (connects) {
        connects = false;
        connecting--;
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
