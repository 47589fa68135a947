package io.troupe.broker.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.conformance.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClusterViewTest {
  /**
   * One letter per node: u is this node, U another one, upper case J and L likewise, x unreachable.
   */
  private static ClusterView view(String nodes) {
    List<ClusterView.Member> members = new ArrayList<>();
    for (int i = 0; i < nodes.length(); i++) {
      char node = nodes.charAt(i);
      String status =
          switch (Character.toUpperCase(node)) {
            case 'J' -> "Joining";
            case 'L' -> "Leaving";
            default -> "Up"; // C: serves clients only, the others store only
          };
      members.add(
          new ClusterView.Member(
              "10.0.0." + i + ":2551",
              status,
              node != 'x',
              Character.isLowerCase(node) && node != 'x',
              List.of(node == 'C' || node == 'c' ? "clients" : "storage")));
    }
    return new ClusterView(members);
  }

  @Test
  void aNodeServesWhileItIsUp() {
    assertTrue(view("u").isServing());
    assertTrue(view("UuU").isServing());
    assertFalse(view("").isServing());
    assertFalse(view("UjU").isServing());
    assertFalse(view("UlU").isServing());
  }

  @Test
  @Promise("I19")
  void ofADividedClusterTheMajorityServes() {
    assertTrue(view("xuU").isServing());
    assertFalse(view("xux").isServing());
    assertTrue(view("UuUxx").isServing());
    assertFalse(view("uUxxx").isServing());
  }

  @Test
  @Promise("I19")
  void ofTwoHalvesTheOneWithTheLowestAddressServes() {
    assertTrue(view("Uuxx").isServing());
    assertFalse(view("xxuU").isServing());
  }

  @Test
  void withoutANodeThatStoresNobodyIsServed() {
    assertTrue(view("cU").isServing());
    assertFalse(view("cCx").isServing());
    assertEquals(
        "Up, 2 of 3 nodes reachable, none of them with the role storage", view("cCx").summary());
  }

  @Test
  void clientsCanGoToANodeThatServesThem() {
    assertTrue(view("cC").hasOthersServing());
    assertFalse(view("cU").hasOthersServing());
  }

  @Test
  void nodesThatHaveNotJoinedDoNotCount() {
    assertFalse(view("xuJJ").isServing());
    assertEquals("Up, 1 of 2 nodes reachable", view("xuJJ").summary());
    assertEquals("not joined, 0 of 0 nodes reachable", view("").summary());
  }
}
