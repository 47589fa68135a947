package io.troupe.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionQuotaTest {
  private static final long SECOND = 1_000_000_000L;

  private static LimitsConfig limits(int total, int perAddress, int rate, int waiting) {
    return new LimitsConfig(total, perAddress, 0, 0, rate, rate, 999, waiting, 90, 0);
  }

  /** So many may wait for CONNACK at first. */
  private static LimitsConfig connecting(int max) {
    return new LimitsConfig(999, 999, 0, 0, 999, 999, max, 999, 90, 0);
  }

  private static ConnectionQuota.Slot place(ConnectionQuota quota) {
    return Objects.requireNonNull(ask(quota, "10.0.0.1", 0));
  }

  private static InetSocketAddress from(String ip) {
    try {
      return new InetSocketAddress(InetAddress.getByName(ip), 1000);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static ConnectionQuota.@Nullable Slot ask(ConnectionQuota quota, String ip, long now) {
    return quota.admit(from(ip), true, null, now);
  }

  private static ConnectionQuota.Slot admitted(ConnectionQuota quota, String ip, long now) {
    ConnectionQuota.Slot slot = refused(null, quota, ip, now);
    slot.authenticated();
    return slot;
  }

  private static ConnectionQuota.Slot refused(
      @Nullable ReasonCode reason, ConnectionQuota quota, String ip, long now) {
    ConnectionQuota.Slot slot = ask(quota, ip, now);
    assertNotNull(slot);
    assertEquals(reason, slot.connect());
    return slot;
  }

  @Test
  void theTotalIsLimitedUntilOneCloses() {
    ConnectionQuota quota = new ConnectionQuota(limits(2, 9, 9, 9), 0);
    ConnectionQuota.Slot first = admitted(quota, "10.0.0.1", 0);
    admitted(quota, "10.0.0.2", 0);

    refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.3", 0);
    first.close();
    first.close();

    assertEquals(1, quota.open());
    admitted(quota, "10.0.0.3", 0);
    refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.4", 0);
  }

  @Test
  void oneAddressIsLimitedAndOthersAreNot() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 1, 9, 9), 0);
    ConnectionQuota.Slot first = admitted(quota, "10.0.0.1", 0);

    refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.1", 0);
    admitted(quota, "10.0.0.2", 0);
    first.close();

    admitted(quota, "10.0.0.1", 0);
  }

  @Test
  void addressesOfOneIpv6NetworkCountTogether() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 1, 9, 9), 0);
    admitted(quota, "2001:db8:1:1::1", 0);

    refused(ReasonCode.QUOTA_EXCEEDED, quota, "2001:db8:1:1::2", 0);
    admitted(quota, "2001:db8:1:2::1", 0);
  }

  @Test
  void connectionsPerSecondAreLimited() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 9, 2, 9), 0);
    admitted(quota, "10.0.0.1", 0);
    admitted(quota, "10.0.0.1", 0);

    refused(ReasonCode.CONNECTION_RATE_EXCEEDED, quota, "10.0.0.1", 0);
    admitted(quota, "10.0.0.1", SECOND);
  }

  @Test
  void connectionsThatWaitAreLimitedThoseToldNoIncluded() {
    ConnectionQuota quota = new ConnectionQuota(limits(1, 9, 9, 2), 0);
    ConnectionQuota.Slot first = refused(null, quota, "10.0.0.1", 0);
    ConnectionQuota.Slot told = refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.1", 0);

    assertNull(ask(quota, "10.0.0.1", 0));
    told.close();
    told.close();
    refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.1", 0);
    assertNull(ask(quota, "10.0.0.1", 0));
    first.authenticated();
    refused(ReasonCode.QUOTA_EXCEEDED, quota, "10.0.0.1", 0);

    assertEquals(1, quota.open());
  }

  @Test
  void thoseThatWaitTakeATenthOfTheDescriptorsAtMost() {
    ConnectionQuota quota = new ConnectionQuota(limits(99, 99, 99, 99), 0);
    quota.sample(50, 20);

    refused(null, quota, "10.0.0.1", 0);
    refused(null, quota, "10.0.0.1", 0);

    assertNull(ask(quota, "10.0.0.1", 0));
  }

  @Test
  void withoutDescriptorsNobodyIsLetInUntilOneCloses() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 9, 9, 9), 0);
    quota.sample(1, 1000);
    ConnectionQuota.Slot first = admitted(quota, "10.0.0.1", 0);

    assertNull(ask(quota, "10.0.0.1", 0));
    first.close();

    admitted(quota, "10.0.0.1", 0);
  }

  @Test
  void anOverloadedNodeTellsWhy() {
    ConnectionQuota quota = new ConnectionQuota(limits(9, 9, 9, 9), 0);

    ConnectionQuota.Slot slot = quota.admit(from("10.0.0.1"), true, ReasonCode.SERVER_BUSY, 0);

    assertNotNull(slot);
    assertEquals(ReasonCode.SERVER_BUSY, slot.connect());
    assertEquals(0, quota.open());
  }

  @Test
  void whoWouldNeedATlsHandshakeToBeToldIsClosedAtOnce() {
    ConnectionQuota quota = new ConnectionQuota(limits(1, 9, 9, 9), 0);
    assertNotNull(quota.admit(from("10.0.0.1"), false, null, 0));

    assertNull(quota.admit(from("10.0.0.2"), false, null, 0));

    assertEquals(1, quota.unauthenticated());
  }

  @Test
  void noMoreWaitForConnackThanTheNodeAcceptsInTwoSeconds() {
    ConnectionQuota quota = new ConnectionQuota(connecting(2), 0);
    ConnectionQuota.Slot first = place(quota);
    ConnectionQuota.Slot second = place(quota);
    ConnectionQuota.Slot third = place(quota);
    assertNull(first.connect());
    assertNull(second.connect());
    assertEquals(ReasonCode.SERVER_BUSY, third.connect());

    first.accepted();
    assertNull(third.connect());
    second.close();
    third.accepted();

    assertEquals(0, quota.connecting());
    quota.sample(999, 99_999);
    for (int i = 0; i < 4; i++) {
      assertNull(place(quota).connect());
    }
    assertEquals(ReasonCode.SERVER_BUSY, place(quota).connect());
  }

  @Test
  void theNumberThatMayWaitFallsBackWhenNobodyIsAccepted() {
    ConnectionQuota quota = new ConnectionQuota(connecting(1), 0);
    for (int i = 0; i < 9; i++) {
      ConnectionQuota.Slot slot = place(quota);
      assertNull(slot.connect());
      slot.accepted();
    }
    quota.sample(999, 99_999);
    quota.sample(999, 99_999);

    assertNull(place(quota).connect());
    assertEquals(ReasonCode.SERVER_BUSY, place(quota).connect());
  }
}
