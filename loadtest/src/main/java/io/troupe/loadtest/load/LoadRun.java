package io.troupe.loadtest.load;

import io.netty.channel.Channel;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import io.troupe.loadtest.load.LoadResult.Totals;
import io.troupe.loadtest.load.Meter.Counts;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Loops;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;

/** One run of the generator, from connecting to the last message. */
public final class LoadRun {
  private static final int KEEP_ALIVE_SECONDS = 300;
  private static final int PING_SECONDS = 100;
  private static final int CONNECT_MAX_SECONDS = 120;
  private static final int DRAIN_MAX_SECONDS = 15;
  private static final int QUEUE_MAX_SECONDS = 60;
  private static final long STALL_NANOS = 2_000_000_000L;
  private static final long TICK_NANOS = 1_000_000_000L;

  private final LoadPlan plan;
  private final Topology topology;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<LoadClient> receivers = new ArrayList<>();
  private final List<PublishingClient> publishers = new ArrayList<>();
  private final List<Phase> phases = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Connector connector;
  private final Meter meter;
  private final String run = Long.toHexString(System.nanoTime() & 0xFFFFFF);

  private LoadRun(LoadPlan plan, Loops loops, Consumer<Second> progress)
      throws InterruptedException {
    this.plan = plan;
    this.topology = Topology.of(plan);
    this.connector = new Connector(plan, loops);
    for (int i = 0; i < plan.threads(); i++) {
      Lane lane = new Lane(loops.group().next(), plan);
      lane.loop.scheduleAtFixedRate(this::pingAll, PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
      lanes.add(lane);
    }
    for (int i = 0; i < topology.filters().size(); i++) {
      receivers.add(
          new ReceivingClient(
              lane(i), spec("s" + i, lasting()), connector, topology.gapsAreLoss()));
    }
    for (int i = 0; i < topology.topics().size(); i++) {
      Lane lane = lane(i);
      PublishingClient publisher =
          new PublishingClient(
              lane,
              spec("p" + i, false),
              connector,
              i,
              topology.topics().get(i),
              topology.copies().get(i));
      lane.publishers.add(publisher);
      publishers.add(publisher);
    }
    this.meter = new Meter(lanes, new ProcessMeter(plan.brokerPid()), progress);
  }

  /**
   * Runs a plan to its end.
   *
   * @param progress is told each second, on the calling thread
   */
  public static LoadResult run(LoadPlan plan, Consumer<Second> progress)
      throws InterruptedException {
    try (Loops loops = new Loops(plan.threads())) {
      LoadRun run = new LoadRun(plan, loops, progress);
      try {
        return run.run();
      } finally {
        run.leaveAll();
      }
    }
  }

  private LoadResult run() throws InterruptedException {
    switch (plan.scenario()) {
      case STORM -> storm();
      case IDLE -> idle();
      case PERSISTENT -> persistent();
      case FAN_IN, FAN_OUT, PAIRS, MIXED -> stream();
    }
    Counts end = meter.tick();
    if (!connector.trouble().isEmpty()) {
      notes.add(connector.trouble());
    }
    long expected = sum(p -> p.sent() * p.copies());
    Totals totals =
        new Totals(
            end.sent(),
            end.acknowledged(),
            end.refused(),
            expected,
            end.delivered(),
            end.gaps(),
            end.misordered(),
            end.damaged(),
            end.unsent());
    return new LoadResult(plan, phases, totals, meter.series(), notes);
  }

  private void stream() throws InterruptedException {
    connect(receivers, topology.filters());
    connect(publishers, List.of());
    List<Pacer> pacers = begin(Long.MAX_VALUE);
    tickFor(plan.warmUp().toMillis());
    Counts from = meter.begin();
    Counts to = tickFor(plan.duration().toMillis());
    phases.add(meter.end("deliver", from, to, to.delivered() - from.delivered()));
    for (Lane lane : lanes) {
      lane.loop.execute(() -> lane.publishers.forEach(PublishingClient::stop));
    }
    pacers.forEach(Pacer::stop);
    tickUntil(c -> sum(p -> p.sent() * p.copies()) - c.delivered(), DRAIN_MAX_SECONDS);
  }

  private void persistent() throws InterruptedException {
    connect(receivers, topology.filters());
    connector.expectEnds();
    receivers.forEach(r -> r.lane.loop.execute(r::leave));
    awaitAway();
    connect(publishers, List.of());
    long each = Math.max(1, plan.messages() / publishers.size());
    long total = each * publishers.size();
    Counts from = meter.begin();
    List<Pacer> pacers = begin(each);
    Counts to = tickUntil(c -> total - c.acknowledged() - c.refused(), QUEUE_MAX_SECONDS);
    pacers.forEach(Pacer::stop);
    phases.add(meter.end("enqueue", from, to, to.acknowledged()));
    Counts back = meter.begin();
    connect(receivers, List.of());
    Counts end = tickUntil(c -> c.acknowledged() - c.delivered(), QUEUE_MAX_SECONDS);
    phases.add(meter.end("drain", back, end, end.delivered()));
  }

  private void storm() throws InterruptedException {
    stormOnce("connect");
    if (plan.persistent()) {
      connector.expectEnds();
      for (LoadClient receiver : receivers) {
        receiver.lane.loop.execute(
            () -> {
              Channel channel = receiver.channel();
              if (channel != null) {
                channel.close();
              }
            });
      }
      awaitAway();
      stormOnce("resume");
    }
  }

  private void stormOnce(String name) throws InterruptedException {
    Counts from = meter.begin();
    boolean first = name.equals("connect");
    connect(receivers, first && plan.persistent() ? topology.filters() : List.of());
    Counts to = meter.tick();
    phases.add(meter.end(name, from, to, accepted(), connector.latencies()));
  }

  private void idle() throws InterruptedException {
    Counts from = meter.begin();
    connect(receivers, topology.filters());
    Counts to = meter.tick();
    phases.add(meter.end("connect", from, to, accepted(), connector.latencies()));
    Counts held = tickFor(plan.duration().toMillis());
    phases.add(meter.end("hold", to, held, accepted()));
    long connections = Math.max(1, accepted());
    if (plan.brokerPid() != 0) {
      notes.add(
          "memory per connection with its subscription: "
              + (held.brokerBytes() - from.brokerBytes()) / connections
              + " bytes (resident memory of the broker)");
    }
  }

  /** Starts all publishers: by schedule, or flat out up to a quota each. */
  private List<Pacer> begin(long quota) {
    List<Pacer> pacers = new ArrayList<>();
    for (Lane lane : lanes) {
      if (plan.messagesPerSecond() == 0 || quota < Long.MAX_VALUE) {
        lane.loop.execute(() -> lane.publishers.forEach(p -> p.beginFlatOut(quota)));
      } else if (!lane.publishers.isEmpty()) {
        double share = (double) lane.publishers.size() / publishers.size();
        Pacer pacer = new Pacer(lane, plan.messagesPerSecond() * share);
        pacers.add(pacer);
        lane.loop.execute(pacer::start);
      }
    }
    return pacers;
  }

  private void connect(List<? extends LoadClient> clients, List<String> filters)
      throws InterruptedException {
    CompletableFuture<Void> all = connector.connectAll(clients, filters);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_MAX_SECONDS);
    while (!all.isDone() && System.nanoTime() < deadline) {
      try {
        all.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        meter.tick();
      } catch (ExecutionException e) {
        throw new IllegalStateException(e);
      }
    }
    if (!all.isDone()) {
      throw new IllegalStateException(
          "not all clients connected within " + CONNECT_MAX_SECONDS + " s: " + connector.trouble());
    }
  }

  private Counts tickFor(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    Counts now = meter.begin();
    while (end - System.nanoTime() > 0) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      TimeUnit.MILLISECONDS.sleep(Math.min(1000, left + 1));
      now = meter.tick();
    }
    return now;
  }

  /** Waits until nothing is left, nothing has moved for two seconds, or the time is over. */
  private Counts tickUntil(ToLongFunction<Counts> left, int secondsMost)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    long movedNanos = startNanos;
    long tickedNanos = startNanos;
    long before = Long.MAX_VALUE;
    while (true) {
      TimeUnit.MILLISECONDS.sleep(10);
      Counts now = meter.peek();
      long rest = left.applyAsLong(now);
      boolean stalled = rest == before && now.atNanos() - movedNanos > STALL_NANOS;
      boolean late = now.atNanos() - startNanos > TimeUnit.SECONDS.toNanos(secondsMost);
      if (rest <= 0 || stalled || late) {
        meter.tick();
        if (rest > 0 && (late || plan.qos() > 0)) {
          String why = stalled ? "nothing moved for two seconds" : "in " + secondsMost + " s";
          notes.add(rest + " messages did not arrive, " + why);
        }
        return now;
      }
      if (rest != before) {
        before = rest;
        movedNanos = now.atNanos();
      }
      if (now.atNanos() - tickedNanos > TICK_NANOS) {
        meter.tick();
        tickedNanos = now.atNanos();
      }
    }
  }

  private void awaitAway() throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (accepted() > 0 && System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  private void leaveAll() throws InterruptedException {
    connector.expectEnds();
    if (lasting()) {
      endSessions();
    }
    receivers.forEach(c -> c.lane.loop.execute(c::leave));
    publishers.forEach(c -> c.lane.loop.execute(c::leave));
    awaitAway();
  }

  /** Leaves nothing behind on the broker: connects once more with a clean start. */
  private void endSessions() throws InterruptedException {
    receivers.forEach(c -> c.lane.loop.execute(c::leave));
    awaitAway();
    List<LoadClient> ending = new ArrayList<>();
    for (LoadClient receiver : receivers) {
      ending.add(new LoadClient(receiver.lane, receiver.spec.withCleanStart(), connector));
    }
    receivers.clear();
    receivers.addAll(ending);
    connect(receivers, List.of());
    connector.expectEnds();
  }

  private void pingAll() {
    for (LoadClient client : receivers) {
      client.lane.loop.execute(client::ping);
    }
    for (LoadClient client : publishers) {
      client.lane.loop.execute(client::ping);
    }
  }

  private long accepted() {
    return receivers.stream().filter(LoadClient::isAccepted).count();
  }

  private long sum(ToLongFunction<PublishingClient> value) {
    return publishers.stream().mapToLong(value).sum();
  }

  private boolean lasting() {
    return plan.scenario() == Scenario.PERSISTENT || plan.persistent();
  }

  private Lane lane(int index) {
    return lanes.get(index % lanes.size());
  }

  private ConnectSpec spec(String name, boolean lasting) {
    String id = "tl-" + run + "-" + name;
    ConnectSpec spec =
        lasting
            ? ConnectSpec.persistentClient(plan.version(), id, KEEP_ALIVE_SECONDS, 65535)
            : ConnectSpec.transientClient(plan.version(), id, KEEP_ALIVE_SECONDS);
    return spec.withCredentials(plan.credentials());
  }
}
