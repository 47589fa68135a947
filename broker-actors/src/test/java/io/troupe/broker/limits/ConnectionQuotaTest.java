package io.troupe.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class ConnectionQuotaTest {
  private static final long SECOND = 1_000_000_000L;

  private static LimitsConfig limits(int total, int perAddress, int rate, int waiting) {
    return new LimitsConfig(total, perAddress, rate, rate, waiting, 90, 0);
  }

  private static InetSocketAddress from(String ip) {
    try {
      return new InetSocketAddress(InetAddress.getByName(ip), 1000);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static ConnectionQuota.Slot admitted(ConnectionQuota.Admission admission) {
    return assertInstanceOf(ConnectionQuota.Slot.class, admission);
  }

  private static void refused(ReasonCode reason, ConnectionQuota.Admission admission) {
    assertEquals(new ConnectionQuota.Refused(reason), admission);
  }

  @Test
  void theTotalIsLimitedUntilOneCloses() {
    ConnectionQuota quota = new ConnectionQuota(limits(2, 9, 9, 9), 0);
    ConnectionQuota.Slot first = admitted(quota.admit(from("10.0.0.1"), 0));
    admitted(quota.admit(from("10.0.0.2"), 0));

    refused(ReasonCode.QUOTA_EXCEEDED, quota.admit(from("10.0.0.3"), 0));
    first.close();
    first.close();

    assertEquals(1, quota.open());
    admitted(quota.admit(from("10.0.0.3"), 0));
    refused(ReasonCode.QUOTA_EXCEEDED, quota.admit(from("10.0.0.4"), 0));
  }

  @Test
  void oneAddressIsLimitedAndOthersAreNot() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 1, 9, 9), 0);
    ConnectionQuota.Slot first = admitted(quota.admit(from("10.0.0.1"), 0));

    refused(ReasonCode.QUOTA_EXCEEDED, quota.admit(from("10.0.0.1"), 0));
    admitted(quota.admit(from("10.0.0.2"), 0));
    first.close();

    admitted(quota.admit(from("10.0.0.1"), 0));
  }

  @Test
  void addressesOfOneIpv6NetworkCountTogether() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 1, 9, 9), 0);
    admitted(quota.admit(from("2001:db8:1:1::1"), 0));

    refused(ReasonCode.QUOTA_EXCEEDED, quota.admit(from("2001:db8:1:1::2"), 0));
    admitted(quota.admit(from("2001:db8:1:2::1"), 0));
  }

  @Test
  void connectionsPerSecondAreLimited() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 9, 2, 9), 0);
    admitted(quota.admit(from("10.0.0.1"), 0));
    admitted(quota.admit(from("10.0.0.1"), 0));

    refused(ReasonCode.CONNECTION_RATE_EXCEEDED, quota.admit(from("10.0.0.1"), 0));
    admitted(quota.admit(from("10.0.0.1"), SECOND));
  }

  @Test
  void connectionsWithoutConnackAreLimitedApart() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 9, 9, 1), 0);
    ConnectionQuota.Slot first = admitted(quota.admit(from("10.0.0.1"), 0));

    refused(ReasonCode.SERVER_BUSY, quota.admit(from("10.0.0.1"), 0));
    first.authenticated();
    ConnectionQuota.Slot second = admitted(quota.admit(from("10.0.0.1"), 0));
    second.close();
    first.close();

    admitted(quota.admit(from("10.0.0.1"), 0));
  }
}
