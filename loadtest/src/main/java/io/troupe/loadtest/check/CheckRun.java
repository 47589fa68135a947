package io.troupe.loadtest.check;

import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.history.History;
import io.troupe.loadtest.history.Violation;
import io.troupe.loadtest.wire.Loops;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/**
 * One run of the checker: subscribe, publish while faults happen, stop publishing, wait for what is
 * due, read the retained messages, judge.
 */
public final class CheckRun {
  private static final int START_MAX_SECONDS = 90;

  /** Until the other nodes know that a node is lost, on a busy machine. */
  private static final Duration LOSS_HEARD_WITHIN = Duration.ofSeconds(60);

  private static final int UNDISTURBED_OUT_MAX_SECONDS = 10;
  private static final int READER_MAX_SECONDS = 30;
  private static final int STOP_MAX_SECONDS = 20;
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final CheckPlan plan;
  private final BrokerControl broker;
  private final Random random;
  private final FaultClock faultClock = new FaultClock();
  private final History history;
  private final Map<Fault, Integer> injected = new EnumMap<>(Fault.class);
  private final List<String> notes = new ArrayList<>();

  private CheckRun(CheckPlan plan, BrokerControl broker) {
    this.plan = plan;
    this.broker = broker;
    this.random = new Random(~plan.seed());
    long run = plan.seed() ^ (System.currentTimeMillis() << 20);
    this.history = new History(run);
    if (broker.addresses().size() > 1) {
      history.heardWithin(LOSS_HEARD_WITHIN);
      limitService();
    }
  }

  /** As long as the fault that takes longest may; not at all if one of them has no limit. */
  private void limitService() {
    int most = UNDISTURBED_OUT_MAX_SECONDS;
    for (Fault fault : plan.faults()) {
      if (fault.outMaxSeconds() == 0) {
        return;
      }
      most = Math.max(most, fault.outMaxSeconds());
    }
    history.limitService(Duration.ofSeconds(most));
  }

  /**
   * Runs a plan against a broker that has been started and closes nothing of it.
   *
   * @throws IllegalArgumentException if a fault needs a broker of our own and this is not one
   */
  public static CheckResult run(CheckPlan plan, BrokerControl broker) throws InterruptedException {
    for (Fault fault : plan.faults()) {
      if (fault.needsOwnBroker() && !broker.isOwned()) {
        throw new IllegalArgumentException(
            fault + " needs a broker that the checker started (--broker-cmd)");
      }
      if (fault.needsCluster() && !(broker instanceof Cluster)) {
        throw new IllegalArgumentException(fault + " needs a cluster (--cluster)");
      }
    }
    return new CheckRun(plan, broker).run();
  }

  private CheckResult run() throws InterruptedException {
    long begin = System.nanoTime();
    try (Loops loops = new Loops(1);
        CutProxies proxies = new CutProxies(loops, broker.addresses())) {
      ClientSite direct = site(loops, broker.addresses());
      ClientSite site = site(loops, proxies.addresses());
      Cast cast =
          new Cast(plan, plan.faults().contains(Fault.CUT) ? site : direct, direct, faultClock);
      try {
        play(cast, proxies);
      } catch (BrokerFailed e) {
        history.violated(Violation.Kind.BROKER_FAILED, String.valueOf(e.getMessage()));
      }
      stop(cast);
    }
    history.nodesLost(broker.takeLosses());
    notes.addAll(broker.takeNotes());
    double seconds = (System.nanoTime() - begin) / 1e9;
    return new CheckResult(plan.seed(), history.judge(), injected, seconds, notes);
  }

  private ClientSite site(Loops loops, List<InetSocketAddress> addresses) {
    return new ClientSite(loops, addresses, history, history.run(), faultClock, plan.credentials());
  }

  private void play(Cast cast, CutProxies proxies) throws InterruptedException {
    cast.subscribers.forEach(Client::start);
    cast.publishers.forEach(Client::start);
    boolean ready =
        await(
            START_MAX_SECONDS,
            () ->
                cast.subscribers.stream().allMatch(SubscriberClient::isSubscribed)
                    && cast.publishers.stream().allMatch(Client::isUp));
    if (!ready) {
      throw new BrokerFailed("clients could not connect and subscribe: " + refusals(cast));
    }
    cast.wills.forEach(Client::start);
    cast.publishers.forEach(PublisherClient::beginOffering);
    injectFaults(cast, proxies);
    settle(cast);
    readRetained(cast);
  }

  private void injectFaults(Cast cast, CutProxies proxies) throws InterruptedException {
    Fault.FaultSite site = new Site(cast, proxies, broker);
    long end = System.nanoTime() + plan.duration().toNanos();
    while (true) {
      long every = plan.faultEvery().toNanos();
      long pause =
          plan.faults().isEmpty() ? every : every / 2 + (long) (every * random.nextDouble());
      long left = end - System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(Math.min(pause, Math.max(left, 0)));
      broker.tend();
      if (left <= pause) {
        return;
      }
      if (!plan.faults().isEmpty()) {
        inject(plan.faults().get(random.nextInt(plan.faults().size())), site);
      }
    }
  }

  private void inject(Fault fault, Fault.FaultSite site) throws InterruptedException {
    injected.merge(fault, 1, Integer::sum);
    if (!fault.needsOwnBroker()) {
      fault.inject(site, random);
      return;
    }
    faultClock.begin();
    try {
      fault.inject(site, random);
      broker.awaitWhole();
    } finally {
      faultClock.end(System.nanoTime());
    }
  }

  /** Lets publishers finish and waits for what is due; ends early when nothing comes any more. */
  private void settle(Cast cast) throws InterruptedException {
    cast.subscribers.forEach(s -> s.loop.execute(s::settle));
    cast.publishers.forEach(p -> p.loop.execute(p::finish));
    cast.wills.forEach(w -> w.loop.execute(w::finish));
    int most = (int) plan.settleMax().toSeconds();
    boolean idle = await(most, () -> cast.publishers.stream().allMatch(PublisherClient::isIdle));
    if (!idle) {
      notes.add("publishers still waited for acknowledgements after " + most + " s");
    }
    if (!cast.wills.isEmpty()) {
      TimeUnit.MILLISECONDS.sleep(WillClient.JUDGED_WITHIN_MILLIS);
    }
    long[] seen = {-1, 0};
    await(
        most,
        () -> {
          long count = history.receivedCount();
          long now = System.nanoTime();
          if (count != seen[0]) {
            seen[0] = count;
            seen[1] = now;
            return false; // looking whether all is there takes long; only when it may be
          }
          return history.isComplete() || now - seen[1] > QUIET_NANOS;
        });
    // A copy too many may still come.
    TimeUnit.MILLISECONDS.sleep(500);
    broker.tend();
  }

  private void readRetained(Cast cast) throws InterruptedException {
    RetainedReader reader = cast.retainedReader();
    reader.start();
    try {
      reader.done().get(READER_MAX_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      reader.loop.execute(reader::stop);
      throw new BrokerFailed("retained messages could not be read: " + reader.lastRefusal());
    }
  }

  /** Ends all clients and, where nothing of them may stay, their sessions. */
  private void stop(Cast cast) throws InterruptedException {
    boolean cleans = plan.leavesNothing() || !broker.isOwned();
    if (cleans) {
      cast.publishers.forEach(p -> p.loop.execute(p::deleteRetained));
    }
    List<Client> all = new ArrayList<>(cast.subscribers);
    all.addAll(cast.publishers);
    for (Client client : all) {
      client.loop.execute(cleans ? client::stopAndClean : client::stop);
    }
    if (!await(STOP_MAX_SECONDS, () -> all.stream().allMatch(Client::isGone)) && cleans) {
      notes.add("some sessions could not be ended");
    }
  }

  private static String refusals(Cast cast) {
    StringBuilder words = new StringBuilder();
    List<Client> all = new ArrayList<>(cast.subscribers);
    all.addAll(cast.publishers);
    for (Client client : all) {
      if (!client.isUp()) {
        words.append(client.clientId()).append(' ').append(client.lastRefusal()).append("; ");
      }
    }
    return words.isEmpty() ? "no SUBACK" : words.toString();
  }

  private static boolean await(int seconds, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        return false;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    return true;
  }

  /** What faults act on in this run. */
  private record Site(Cast cast, CutProxies proxies, BrokerControl broker)
      implements Fault.FaultSite {
    @Override
    public Cluster cluster() {
      return (Cluster) broker;
    }

    @Override
    public CutProxy proxy(Random random) {
      return proxies.oneOf(random);
    }

    @Override
    public void slowDown(Random random) {
      SubscriberClient slow = cast.subscribers.get(random.nextInt(cast.subscribers.size()));
      long millis = 1000L + random.nextInt(3000);
      slow.loop.execute(() -> slow.readNothingFor(millis));
    }
  }
}
