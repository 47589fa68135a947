package io.troupe.loadtest.check;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * What is done to the broker or to its connections while messages flow. Of a cluster, faults of the
 * broker's process happen to a node at random.
 */
public enum Fault {
  /** SIGKILL to all processes of the broker, then start. */
  KILL(Needs.PROCESS, 30),
  /** SIGTERM, wait for the end, then start. */
  TERM(Needs.PROCESS, 10),
  /** SIGSTOP, up to four seconds, SIGCONT. */
  PAUSE(Needs.PROCESS, 0),
  /** Power failure: what was not flushed to the disk is gone; then start. Needs root. */
  POWER(Needs.VOLUME, 0),
  /** Ended by SIGTERM or SIGKILL, down for some seconds, at times killed again as it starts. */
  RESTART(Needs.PROCESS, 0),
  /** The disk hangs, once for seconds or again and again for moments. Needs root. */
  STALL(Needs.VOLUME, 0),
  /** Connections reset, some after their bytes vanished for a while. */
  CUT(Needs.NOTHING, 0),
  /** A subscriber does not read for some seconds. */
  SLOW(Needs.NOTHING, 0),
  /** A node is stopped (SIGSTOP) until the others have taken it out, and goes on. */
  FREEZE(Needs.CLUSTER, 0),
  /** A node is cut off from the others, for moments or until it is taken out. Needs root. */
  SPLIT(Needs.NETWORK, 0),
  /** A node is not heard by the others, or does not hear them. Needs root. */
  ONEWAY(Needs.NETWORK, 0),
  /** Another node joins, and leaves some seconds later. */
  JOIN(Needs.CLUSTER, 10),
  /** All nodes are restarted, one after the other. */
  ROLLING(Needs.CLUSTER, 10),
  /** The store is stopped (SIGSTOP), for up to a minute. */
  STORE(Needs.CLUSTER, 0);

  /** What must be there to inject it. */
  private enum Needs {
    NOTHING,
    PROCESS,
    VOLUME,
    CLUSTER,
    NETWORK
  }

  private final Needs needs;
  private final int outMaxSeconds;

  Fault(Needs needs, int outMaxSeconds) {
    this.needs = needs;
    this.outMaxSeconds = outMaxSeconds;
  }

  /** All that can happen to a cluster, or to a broker that is none. */
  public static List<Fault> all(boolean cluster) {
    return Arrays.stream(values())
        .filter(f -> cluster ? !f.needsVolume() : !f.needsCluster())
        .toList();
  }

  /** Whether only the owner of the broker's process may inject it. */
  public boolean needsOwnBroker() {
    return needs != Needs.NOTHING;
  }

  /** Whether the data directory must lie on a file system of its own. */
  public boolean needsVolume() {
    return needs == Needs.VOLUME;
  }

  /** Whether there must be several nodes. */
  public boolean needsCluster() {
    return needs == Needs.CLUSTER || needs == Needs.NETWORK;
  }

  /** Whether the nodes must be in a network of their own. */
  public boolean needsNetwork() {
    return needs == Needs.NETWORK;
  }

  /** How long a cluster's client may be without service because of it; 0 for no limit. */
  int outMaxSeconds() {
    return outMaxSeconds;
  }

  void inject(FaultSite site, Random random) throws InterruptedException {
    switch (this) {
      case KILL -> {
        BrokerControl one = site.broker().oneOf(random);
        one.kill();
        one.start();
      }
      case TERM -> {
        BrokerControl one = site.broker().oneOf(random);
        one.terminate();
        one.start();
      }
      case POWER -> {
        site.broker().cutPower();
        site.broker().start();
      }
      case PAUSE -> {
        BrokerControl one = site.broker().oneOf(random);
        one.pause();
        Thread.sleep(500 + random.nextInt(3500));
        one.resume();
      }
      case RESTART -> restart(site.broker().oneOf(random), random);
      case STALL -> stall(site.broker(), random);
      case CUT -> site.proxy(random).cut(random);
      case SLOW -> site.slowDown(random);
      case FREEZE -> site.cluster().freeze(random);
      case SPLIT -> site.cluster().split(random);
      case ONEWAY -> site.cluster().cutOneWay(random);
      case JOIN -> site.cluster().joinAndLeave(random);
      case ROLLING -> site.cluster().restartAll();
      case STORE -> site.cluster().pauseStore(random);
    }
  }

  private static void restart(BrokerControl broker, Random random) throws InterruptedException {
    if (random.nextBoolean()) {
      broker.terminate();
    } else {
      broker.kill();
    }
    Thread.sleep(random.nextInt(4000));
    if (random.nextBoolean()) {
      broker.launch();
      Thread.sleep(500 + random.nextInt(3000));
      broker.kill();
    }
    broker.start();
  }

  private static void stall(BrokerControl broker, Random random) throws InterruptedException {
    boolean once = random.nextBoolean();
    int times = once ? 1 : 10;
    for (int i = 0; i < times; i++) {
      broker.stallDisk(once ? 1000 + random.nextInt(3000) : 50 + random.nextInt(350));
      Thread.sleep(20);
    }
  }

  /** What faults act on. */
  interface FaultSite {
    BrokerControl broker();

    /** The broker, where it is a cluster. */
    Cluster cluster();

    CutProxy proxy(Random random);

    /** Lets one subscriber stop reading for a while. */
    void slowDown(Random random);
  }
}
