package io.troupe.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.broker.config.LimitsConfig;
import io.troupe.protocol.packet.ReasonCode;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OverloadGuardTest {
  private static final LimitsConfig LIMITS = new LimitsConfig(1, 1, 0, 0, 1, 1, 1, 1, 90, 100);

  private final AtomicReference<NodeReadings> now =
      new AtomicReference<>(new NodeReadings(10, 100, 50, 1000));
  private final OverloadGuard guard = new OverloadGuard(LIMITS, now::get);

  private void become(NodeReadings readings) {
    now.set(readings);
    guard.sample();
  }

  @Test
  void aFullHeapRefusesClientsUntilThereIsRoom() {
    become(new NodeReadings(91, 100, 50, 1000));
    assertEquals(ReasonCode.SERVER_BUSY, guard.refusal());

    become(new NodeReadings(90, 100, 50, 1000));
    assertNull(guard.refusal());
  }

  @Test
  void fewDescriptorsRefuseClients() {
    become(new NodeReadings(10, 100, 901, 1000));

    assertEquals(ReasonCode.SERVER_BUSY, guard.refusal());
  }

  @Test
  void theReserveIsAQuarterOfFewDescriptors() {
    become(new NodeReadings(10, 100, 100, 200));
    assertNull(guard.refusal());
    assertEquals(50, guard.descriptorsFree());

    become(new NodeReadings(10, 100, 151, 200));
    assertEquals(ReasonCode.SERVER_BUSY, guard.refusal());
    assertEquals(-1, guard.descriptorsFree());
  }

  @Test
  void hundredPercentOfTheHeapTurnsItOff() {
    var off = new LimitsConfig(1, 1, 0, 0, 1, 1, 1, 1, 100, 0);
    OverloadGuard open = new OverloadGuard(off, () -> new NodeReadings(200, 100, 5, 5));

    open.sample();

    assertNull(open.refusal());
  }

  @Test
  void thisProcessCanBeRead() {
    NodeReadings readings = NodeReadings.ofThisProcess();

    assertTrue(readings.heapUsedBytes() <= readings.heapMaxBytes());
    assertTrue(readings.descriptorsOpen() < readings.descriptorsMax());
  }
}
