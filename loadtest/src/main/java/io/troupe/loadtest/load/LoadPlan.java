package io.troupe.loadtest.load;

import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import io.troupe.protocol.packet.ProtocolVersion;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One run of the generator.
 *
 * @param payloadBytes {@link Stamps#SIZE_MIN} or more
 * @param messagesPerSecond over all publishers; 0 sends as fast as the broker takes it
 * @param messagesPerWrite messages of one publisher that leave in one write
 * @param window unacknowledged QoS 1 and 2 messages per publisher
 * @param messages in all, of a persistent run; other scenarios go by time
 * @param shared whether the subscribers of a fan-in form one share group
 * @param persistent whether sessions of a storm outlive their connections
 * @param connectsAtOnce connections that wait for CONNACK at the same time
 * @param sourceAddresses how many of 127.0.0.1, 127.0.0.2... clients come from; loopback only
 * @param contentEvery every how many messages the whole payload is compared; 0 for never
 * @param brokerPid process whose CPU time and memory are read, 0 for none
 */
public record LoadPlan(
    Scenario scenario,
    InetSocketAddress address,
    ProtocolVersion version,
    Security security,
    @Nullable Credentials credentials,
    int publishers,
    int subscribers,
    int qos,
    int payloadBytes,
    int messagesPerSecond,
    int messagesPerWrite,
    int window,
    int messages,
    boolean shared,
    boolean persistent,
    int connectsAtOnce,
    int sourceAddresses,
    int contentEvery,
    int threads,
    Duration warmUp,
    Duration duration,
    long brokerPid) {

  /**
   * How clients reach the broker.
   *
   * @param tls whether over TLS; certificates are not verified, since this measures and no more
   * @param webSocketPath such as {@code /mqtt}, or empty for plain TCP
   */
  public record Security(boolean tls, String webSocketPath) {
    public static final Security PLAIN = new Security(false, "");
  }

  public LoadPlan {
    if (payloadBytes < Stamps.SIZE_MIN) {
      throw new IllegalArgumentException("payload of at least " + Stamps.SIZE_MIN + " bytes");
    }
    if (window < 1 || window > 60_000) {
      throw new IllegalArgumentException("window of 1 to 60,000");
    }
    if (messagesPerWrite < 1 || threads < 1 || sourceAddresses < 1 || sourceAddresses > 250) {
      throw new IllegalArgumentException("counts of 1 or more, source addresses up to 250");
    }
  }

  /** The same load on another broker. */
  public LoadPlan against(InetSocketAddress newAddress, long newBrokerPid) {
    return new LoadPlan(
        scenario,
        newAddress,
        version,
        security,
        credentials,
        publishers,
        subscribers,
        qos,
        payloadBytes,
        messagesPerSecond,
        messagesPerWrite,
        window,
        messages,
        shared,
        persistent,
        connectsAtOnce,
        sourceAddresses,
        contentEvery,
        threads,
        warmUp,
        duration,
        newBrokerPid);
  }
}
