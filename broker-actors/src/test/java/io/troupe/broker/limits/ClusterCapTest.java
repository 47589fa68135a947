package io.troupe.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ClusterCapTest {

  /** Nodes that tell each other what they have reserved; each tells once in a second. */
  private static final class Cluster {
    final ClusterCap[] caps;
    final long[] has;
    final long[] told;

    Cluster(int nodes, long max) {
      caps = new ClusterCap[nodes];
      Arrays.setAll(caps, i -> new ClusterCap(max));
      has = new long[nodes];
      told = new long[nodes];
    }

    long total() {
      return Arrays.stream(has).sum();
    }

    void renew(int node) {
      long others = Arrays.stream(told).sum() - told[node];
      told[node] = caps[node].renew(() -> has[node], others, caps.length);
    }

    void take(int node, int wanted) {
      for (int i = 0; i < wanted && caps[node].tryTake(); i++) {
        has[node]++;
        caps[node].settled(1);
      }
    }

    void second(Random random, int wantedMax) {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < caps.length; i++) {
        order.add(i);
      }
      Collections.shuffle(order, random);
      for (int node : order) {
        renew(node);
        take(random.nextInt(caps.length), random.nextInt(wantedMax + 1));
      }
    }
  }

  @Test
  void aSingleNodeHasItAll() {
    Cluster one = new Cluster(1, 3);
    one.renew(0);

    one.take(0, 5);

    assertEquals(3, one.total());
    one.caps[0].giveBack();
    assertTrue(one.caps[0].tryTake());
    assertFalse(one.caps[0].tryTake());
  }

  @Test
  void withoutALimitEverythingIsTaken() {
    assertTrue(ClusterCap.NONE.tryTake());
    assertEquals(7, ClusterCap.NONE.renew(() -> 7, 1_000, 3));
  }

  @Test
  void beforeTheOthersAreHeardOfNothingIsTaken() {
    ClusterCap cap = new ClusterCap(10);
    assertFalse(cap.tryTake());
    assertEquals(0, cap.renew(() -> 0, 0, 0));
    assertFalse(cap.tryTake());
  }

  @Test
  void oneNodeAloneGetsAllThereIsInTime() {
    Cluster cluster = new Cluster(3, 100);
    for (int second = 0; second < 60; second++) {
      for (int node = 0; node < 3; node++) {
        cluster.renew(node);
      }
      cluster.take(2, 100);
    }

    assertEquals(100, cluster.total());
  }

  @Test
  void whatIsTakenAndNotCountedYetIsTaken() {
    ClusterCap cap = new ClusterCap(4);
    cap.renew(() -> 0, 0, 1);
    assertTrue(cap.tryTake());
    assertTrue(cap.tryTake());

    assertEquals(4, cap.renew(() -> 0, 0, 1));
    assertTrue(cap.tryTake());
    assertTrue(cap.tryTake());
    assertFalse(cap.tryTake());
  }

  @Property(tries = 200)
  void allTogetherStayBelowTheLimitAndFillIt(
      @ForAll @IntRange(min = 2, max = 9) int nodes,
      @ForAll @IntRange(min = 1, max = 500) int max,
      @ForAll long seed) {
    Cluster cluster = new Cluster(nodes, max);
    Random random = new Random(seed);
    for (int second = 0; second < 100; second++) {
      cluster.second(random, max);
      assertTrue(cluster.total() <= max, () -> cluster.total() + " of " + max);
      if (random.nextInt(3) == 0) {
        int node = random.nextInt(nodes);
        if (cluster.has[node] > 0) {
          cluster.has[node]--;
          cluster.caps[node].giveBack();
        }
      }
    }
    for (int second = 0; second < 100; second++) {
      cluster.second(random, 2 * max);
    }

    assertEquals(max, cluster.total());
  }

  /** Everybody sees what the others told a second ago: the worst there is. */
  @Property(tries = 100)
  void lateNewsGivesAwayAPlaceForEachOtherNodeAtMost(
      @ForAll @IntRange(min = 2, max = 9) int nodes,
      @ForAll @IntRange(min = 1, max = 500) int max) {
    Cluster cluster = new Cluster(nodes, max);
    for (int second = 0; second < 60; second++) {
      long[] before = cluster.told.clone();
      long[] now = new long[nodes];
      for (int i = 0; i < nodes; i++) {
        int node = i;
        long others = Arrays.stream(before).sum() - before[node];
        now[node] = cluster.caps[node].renew(() -> cluster.has[node], others, nodes);
      }
      System.arraycopy(now, 0, cluster.told, 0, nodes);
      for (int i = 0; i < nodes; i++) {
        cluster.take(i, max);
      }
    }

    assertTrue(cluster.total() <= max + nodes - 1, () -> cluster.total() + " of " + max);
  }
}
