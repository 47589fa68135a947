package io.troupe.broker.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Clients of a node that stops are told where to go, where that is configured. */
class DrainTest extends WireTest {
  private final BrokerUnderTest broker =
      BrokerUnderTest.start(Map.of("troupe.drain.server-reference", "other.example.org:1883"));

  @Override
  BrokerUnderTest broker() {
    return broker;
  }

  @Test
  void aStoppingServerNamesAnotherOne() {
    var client5 = connect(Version.V5);
    var client3 = connect(Version.V311);

    broker.close();

    var disconnect = client5.next().disconnect();
    assertEquals(0x9C, disconnect.code());
    assertEquals(
        "other.example.org:1883", disconnect.properties().text(Properties5.SERVER_REFERENCE));
    client5.expectClosed();
    client3.expectClosed();
  }
}
