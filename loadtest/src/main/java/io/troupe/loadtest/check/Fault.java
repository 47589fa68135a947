package io.troupe.loadtest.check;

import java.util.Random;

/** What is done to the broker or to its connections while messages flow. */
public enum Fault {
  /** SIGKILL to all processes of the broker, then start. */
  KILL(true),
  /** SIGTERM, wait for the end, then start. */
  TERM(true),
  /** SIGSTOP, up to four seconds, SIGCONT. */
  PAUSE(true),
  /** Power failure: what was not flushed to the disk is gone; then start. Needs root. */
  POWER(true),
  /** Ended by SIGTERM or SIGKILL, down for some seconds, at times killed again as it starts. */
  RESTART(true),
  /** The disk hangs, once for seconds or again and again for moments. Needs root. */
  STALL(true),
  /** Connections reset, some after their bytes vanished for a while. */
  CUT(false),
  /** A subscriber does not read for some seconds. */
  SLOW(false);

  private final boolean needsOwnBroker;

  Fault(boolean needsOwnBroker) {
    this.needsOwnBroker = needsOwnBroker;
  }

  /** Whether the fault is one of the broker's process, which only its owner may inject. */
  public boolean needsOwnBroker() {
    return needsOwnBroker;
  }

  /** Whether the data directory must lie on a file system of its own. */
  public boolean needsVolume() {
    return this == POWER || this == STALL;
  }

  void inject(FaultSite site, Random random) throws InterruptedException {
    switch (this) {
      case KILL -> {
        site.broker().kill();
        site.broker().start();
      }
      case TERM -> {
        site.broker().terminate();
        site.broker().start();
      }
      case POWER -> {
        site.broker().cutPower();
        site.broker().start();
      }
      case PAUSE -> {
        site.broker().pause();
        Thread.sleep(500 + random.nextInt(3500));
        site.broker().resume();
      }
      case RESTART -> restart(site.broker(), random);
      case STALL -> stall(site.broker(), random);
      case CUT -> site.proxy().cut(random);
      case SLOW -> site.slowDown(random);
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

    CutProxy proxy();

    /** Lets one subscriber stop reading for a while. */
    void slowDown(Random random);
  }
}
