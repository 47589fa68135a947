package io.troupe.broker.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NodeIncarnationsTest {
  private final AtomicLong clock = new AtomicLong(1_000);

  @Test
  void eachStartOfANodeIsAnotherIncarnation() {
    assertNotEquals(
        NodeIncarnations.name("akka://t@h:1", 1), NodeIncarnations.name("akka://t@h:1", 2));
    assertEquals("akka://t@h:1#a", NodeIncarnations.name("akka://t@h:1", 10));
  }

  @Test
  void anEarlierLifeOfThisNodeEndedWhenItWasLastAlive() {
    NodeIncarnations nodes = new NodeIncarnations("h:1#b", false, 500, clock::get);

    assertTrue(nodes.isAlive("h:1#b"));
    assertFalse(nodes.isAlive("h:1#a"));
    assertEquals(500, nodes.endedAtMillis("h:1#a"));
  }

  @Test
  void aNodeAloneHasOnlyEarlierLivesOfItsOwnWhateverTheirPort() {
    NodeIncarnations nodes = new NodeIncarnations("h:1#b", true, 500, clock::get);

    assertEquals(500, nodes.endedAtMillis("h:7#a"));
  }

  @Test
  void aRemovedNodeEndedThen() {
    NodeIncarnations nodes = new NodeIncarnations("h:1#b", false, 500, clock::get);
    nodes.joined("h:2#x");
    long before = nodes.version();

    nodes.removed("h:2#x");
    clock.set(9_000);

    assertEquals(1_000, nodes.endedAtMillis("h:2#x"));
    assertFalse(nodes.isAlive("h:2#x"));
    assertNotEquals(before, nodes.version());
  }

  @Test
  void aNodeWhoseEndNobodySawEndedWhenThatWasNoticed() {
    NodeIncarnations nodes = new NodeIncarnations("h:1#b", false, 500, clock::get);

    assertEquals(1_000, nodes.endedAtMillis("h:3#y"));
    clock.set(9_000);

    assertEquals(1_000, nodes.endedAtMillis("h:3#y"));
  }
}
