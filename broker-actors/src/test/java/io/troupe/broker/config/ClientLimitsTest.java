package io.troupe.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientLimitsTest {
  private static final QueueConfig.Limits OF_DEVICES =
      new QueueConfig.Limits(10, 1 << 20, BrokerConfig.NEVER, WhenFull.DROP_OLDEST);
  private static final QueueConfig.Limits OF_APPLICATIONS =
      new QueueConfig.Limits(1_000, 1 << 30, Duration.ofDays(1), WhenFull.REFUSE_PUBLISHER);
  private static final QueueConfig CONFIG =
      new QueueConfig(OF_DEVICES, OF_APPLICATIONS, 0, 10, 1_000);

  @Test
  void whoSaysNothingHasTheLimitsOfItsType() {
    assertSame(OF_DEVICES, ClientLimits.parse("").in(CONFIG));
    assertSame(OF_DEVICES, ClientLimits.parse("type=device").in(CONFIG));
    assertSame(OF_APPLICATIONS, ClientLimits.parse("type=application").in(CONFIG));
  }

  @Test
  void eachLimitOfItsOwnStandsForThatOfItsType() {
    assertEquals(
        new QueueConfig.Limits(5, 1 << 20, BrokerConfig.NEVER, WhenFull.DROP_NEWEST),
        ClientLimits.parse("messages-max=5, when-full=drop-newest").in(CONFIG));
    assertEquals(
        new QueueConfig.Limits(1_000, 64 << 20, BrokerConfig.NEVER, WhenFull.REFUSE_PUBLISHER),
        ClientLimits.parse("type=application,bytes-max=64 MiB,age-max=never").in(CONFIG));
  }

  @Test
  void theTextSaysTheSame() {
    for (String text :
        List.of(
            "",
            "type=application",
            "messages-max=7,bytes-max=65536,age-max=90000ms,when-full=drop-oldest",
            "type=application,age-max=never")) {
      assertEquals(text, ClientLimits.parse(text).text());
    }
  }

  @Test
  void everyMistakeIsNamed() {
    assertEquals(
        "type: expected one of device, application, found \"server\"; bytes-max: expected a size from"
            + " 64 KiB to 1 PiB, such as 64 KiB, found \"1\"",
        mistake("type=server,bytes-max=1"));
    assertEquals("age-max comes twice", mistake("age-max=1h,age-max=2h"));
    assertEquals(
        "age-max: expected never, or a duration from 1s to 36500d, found \"soon\"",
        mistake("age-max=soon"));
    assertEquals(
        "expected KEY=VALUE with a key of type, messages-max, bytes-max, age-max, when-full, found"
            + " \"\"",
        mistake("type=device,"));
  }

  private static String mistake(String text) {
    return assertThrows(IllegalArgumentException.class, () -> ClientLimits.parse(text))
        .getMessage();
  }
}
