package io.troupe.loadtest.load;

import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadResult.Second;
import io.troupe.loadtest.load.LoadResult.Totals;
import io.troupe.loadtest.load.Meter.Counts;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Loops;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** One run of the generator, from connecting to the last message. */
public final class LoadRun {
  private static final int KEEP_ALIVE_SECONDS = 300;
  private static final int PING_SECONDS = 100;
  private static final int CONNECT_MAX_SECONDS = 120;
  private static final int DRAIN_MAX_SECONDS = 15;
  private static final int LEAVE_MAX_SECONDS = 20;
  private static final int QUEUE_MIN_SECONDS = 60;

  /** What a client that acknowledges nothing is sent. */
  private static final int UNACKNOWLEDGED = 10;

  private static final int QUEUE_MIN_PER_SECOND = 2_000;

  /** With the messages of a contest, fewer than our default limit of a device's queue (100,000). */
  private static final int WARM_UP_TIMES = 3;

  private final LoadPlan plan;
  private final Target target;
  private final Topology topology;
  private final List<Lane> lanes = new ArrayList<>();
  private final List<LoadClient> receivers = new ArrayList<>();
  private final List<PublishingClient> publishers = new ArrayList<>();
  private final List<Phase> phases = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Connector connector;
  private final Meter meter;
  private final Waits waits;
  private final String run = Long.toHexString(System.nanoTime() & 0xFFFFFF);

  private LoadRun(LoadPlan plan, Target target, Loops loops, Consumer<Second> progress)
      throws InterruptedException {
    this.plan = plan;
    this.target = target;
    this.topology = Topology.of(plan);
    this.connector = new Connector(plan, target, loops);
    for (int i = 0; i < plan.threads(); i++) {
      Lane lane = new Lane(loops.group().next(), plan);
      lane.loop.scheduleAtFixedRate(this::pingAll, PING_SECONDS, PING_SECONDS, TimeUnit.SECONDS);
      lanes.add(lane);
    }
    for (int i = 0; i < topology.filters().size(); i++) {
      receivers.add(receiver(i));
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
    this.meter = new Meter(lanes, target, progress);
    this.waits = new Waits(meter, notes, plan.qos() == 0);
  }

  /**
   * Runs a plan to its end.
   *
   * @param progress is told each second, on the calling thread
   * @throws LoadFailed if the run cannot be made: no client gets in, too few descriptors
   */
  public static LoadResult run(LoadPlan plan, Target target, Consumer<Second> progress)
      throws InterruptedException {
    Descriptors.require(Topology.of(plan).clients());
    if (plan.sourceAddresses() > 1 && !target.address().getAddress().isLoopbackAddress()) {
      throw new LoadFailed("--sources needs a broker on a loopback address");
    }
    try (Loops loops = new Loops(plan.threads(), plan.rest())) {
      return new LoadRun(plan, target, loops, progress).run();
    }
  }

  private LoadResult run() throws InterruptedException {
    switch (plan.scenario()) {
      case STORM -> storm();
      case IDLE -> idle();
      case PERSISTENT -> persistent();
      case OFFLINE -> offline();
      case RECOVERY -> recovery();
      case FAN_IN, FAN_OUT, PAIRS, MIXED -> stream();
    }
    Counts end = meter.tick();
    long failures = connector.failures();
    leaveAll();
    if (!connector.trouble().isEmpty()) {
      notes.add(connector.trouble());
    }
    Totals totals =
        new Totals(
            end.sent(),
            end.acknowledged(),
            end.refused(),
            expected(),
            end.delivered(),
            end.gaps(),
            end.misordered(),
            end.damaged(),
            end.unsent(),
            failures);
    return new LoadResult(plan, phases, totals, meter.series(), notes);
  }

  private void stream() throws InterruptedException {
    connect(receivers, topology.filters());
    connect(publishers, List.of());
    List<Pacer> pacers = begin(Long.MAX_VALUE);
    waits.tickFor(plan.warmUp().toMillis());
    Counts from = meter.begin();
    Counts to = waits.tickFor(plan.duration().toMillis());
    phases.add(meter.end("deliver", from, to, to.delivered() - from.delivered()));
    stopPublishing();
    pacers.forEach(Pacer::stop);
    waits.tickUntil(c -> expected() - c.delivered(), DRAIN_MAX_SECONDS);
  }

  private void persistent() throws InterruptedException {
    connect(receivers, topology.filters());
    sendAway(receivers);
    connect(publishers, List.of());
    enqueue(plan.messages(), "enqueue");
    drain(receivers);
  }

  private void offline() throws InterruptedException {
    List<LoadClient> reader = receivers.subList(0, 1);
    List<LoadClient> others = receivers.subList(1, receivers.size());
    connect(reader, topology.filters());
    sendAway(reader);
    connect(publishers, List.of());
    if (!plan.warmUp().isZero()) {
      // With one session away, as others may take a thousand times as long with a thousand.
      enqueue(WARM_UP_TIMES * plan.messages(), "warm-up");
    }
    if (!others.isEmpty()) {
      connect(others, topology.filters());
      sendAway(others);
    }
    waits.untilDiskIsQuiet();
    enqueue(plan.messages(), "enqueue");
    drain(reader);
  }

  private void recovery() throws InterruptedException {
    comeAndGo("connect", topology.filters());
    connect(publishers, List.of());
    enqueue(plan.messages(), "enqueue");
    sendAway(new ArrayList<>(publishers));
    if (!plan.restartCommand().isEmpty()) {
      Counts up = meter.begin();
      restartBroker();
      phases.add(meter.end("restart", up, meter.tick(), 1));
    }
    comeAndGo("resume", List.of());
  }

  /** Connects all, so many at a time as there may be descriptors for, and sends them away. */
  private void comeAndGo(String name, List<String> filters) throws InterruptedException {
    Counts from = meter.begin();
    Histogram latencies = new Histogram(Lane.LATENCY_MAX_NANOS, 3);
    long accepted = 0;
    for (int i = 0; i < receivers.size(); i += Topology.COME_AND_GO) {
      int end = Math.min(receivers.size(), i + Topology.COME_AND_GO);
      List<LoadClient> some = receivers.subList(i, end);
      connect(some, filters.isEmpty() ? filters : filters.subList(i, end));
      latencies.add(connector.latencies());
      accepted += some.stream().filter(LoadClient::isAccepted).count();
      sendAway(some);
    }
    phases.add(meter.end(name, from, meter.tick(), accepted, latencies));
  }

  private void restartBroker() throws InterruptedException {
    try {
      int code =
          new ProcessBuilder("/bin/sh", "-c", plan.restartCommand()).inheritIO().start().waitFor();
      if (code != 0) {
        throw new LoadFailed("--restart ended with exit code " + code);
      }
    } catch (IOException e) {
      throw new LoadFailed("--restart: " + e.getMessage());
    }
  }

  /** Publishes a number of messages flat out and waits until the broker has taken them over. */
  private void enqueue(int count, String name) throws InterruptedException {
    long each = Math.max(1, count / publishers.size());
    long total = each * publishers.size();
    Counts from = meter.begin();
    begin(each);
    Counts to =
        waits.tickUntil(
            c -> from.acknowledged() + from.refused() + total - c.acknowledged() - c.refused(),
            secondsFor(total));
    stopPublishing();
    if (!name.equals("warm-up")) {
      phases.add(meter.end(name, from, to, to.acknowledged() - from.acknowledged()));
    }
  }

  /** Those come back and get all that has been queued for them. */
  private void drain(List<LoadClient> returning) throws InterruptedException {
    Counts from = meter.begin();
    connect(returning, List.of());
    Counts to =
        waits.tickUntil(c -> c.acknowledged() - c.delivered(), secondsFor(from.acknowledged()));
    phases.add(meter.end("drain", from, to, to.delivered() - from.delivered()));
  }

  private static long secondsFor(long messages) {
    return Math.max(QUEUE_MIN_SECONDS, messages / QUEUE_MIN_PER_SECOND);
  }

  private void stopPublishing() {
    for (Lane lane : lanes) {
      lane.loop.execute(() -> lane.publishers.forEach(PublishingClient::stop));
    }
  }

  private void storm() throws InterruptedException {
    stormOnce("connect");
    if (plan.isLasting()) {
      connector.expectEnds();
      receivers.forEach(r -> r.lane.loop.execute(r::cut));
      awaitAway(receivers);
      stormOnce("resume");
    }
  }

  private void stormOnce(String name) throws InterruptedException {
    Counts from = meter.begin();
    boolean first = name.equals("connect");
    connect(receivers, first && plan.isLasting() ? topology.filters() : List.of());
    Counts to = meter.tick();
    phases.add(meter.end(name, from, to, accepted(), connector.latencies()));
  }

  private void idle() throws InterruptedException {
    Counts from = meter.begin();
    connect(receivers, topology.filters());
    Counts to = meter.tick();
    phases.add(meter.end("connect", from, to, accepted(), connector.latencies()));
    Counts held = waits.tickFor(plan.duration().toMillis());
    phases.add(meter.end("hold", to, held, accepted()));
    long connections = Math.max(1, accepted());
    if (target.pid() != 0) {
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
      throw new LoadFailed(
          "not all clients were in after " + CONNECT_MAX_SECONDS + " s. " + connector.trouble());
    }
    if (clients.stream().noneMatch(LoadClient::isAccepted)) {
      throw new LoadFailed("no client got in at " + target.address() + ". " + connector.trouble());
    }
  }

  private void sendAway(List<LoadClient> clients) throws InterruptedException {
    connector.expectEnds();
    clients.forEach(c -> c.lane.loop.execute(c::leave));
    awaitAway(clients);
  }

  private static void awaitAway(List<? extends LoadClient> clients) throws InterruptedException {
    Waits.until(() -> clients.stream().noneMatch(LoadClient::isAccepted), LEAVE_MAX_SECONDS);
  }

  private void leaveAll() throws InterruptedException {
    sendAway(new ArrayList<>(publishers));
    sendAway(receivers);
    if (plan.isLasting()) {
      int atOnce = plan.scenario() == Scenario.RECOVERY ? Topology.COME_AND_GO : receivers.size();
      for (int i = 0; i < receivers.size(); i += atOnce) {
        endSessions(receivers.subList(i, Math.min(receivers.size(), i + atOnce)));
      }
    }
  }

  /** Leaves nothing behind on the broker: connects once more with a clean start. */
  private void endSessions(List<LoadClient> some) throws InterruptedException {
    List<LoadClient> ending = new ArrayList<>();
    for (LoadClient receiver : some) {
      ending.add(new LoadClient(receiver.lane, receiver.spec.withCleanStart(), connector));
    }
    try {
      connect(ending, List.of());
    } catch (LoadFailed e) {
      notes.add("sessions are left on the broker: " + e.getMessage());
    }
    sendAway(ending);
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

  private long expected() {
    return publishers.stream().mapToLong(PublishingClient::expected).sum();
  }

  private LoadClient receiver(int index) {
    ConnectSpec spec = spec("s" + index, plan.isLasting());
    return plan.scenario() == Scenario.RECOVERY
        ? new LoadClient(lane(index), spec, connector)
        : new ReceivingClient(lane(index), spec, connector, topology.gapsAreLoss());
  }

  private Lane lane(int index) {
    return lanes.get(index % lanes.size());
  }

  private int windowOfReceiver() {
    return plan.scenario() == Scenario.RECOVERY ? UNACKNOWLEDGED : 65_535;
  }

  private ConnectSpec spec(String name, boolean lasting) {
    String id = "tl-" + run + "-" + name;
    ConnectSpec spec =
        lasting
            ? ConnectSpec.persistentClient(
                plan.version(), id, KEEP_ALIVE_SECONDS, windowOfReceiver())
            : ConnectSpec.transientClient(plan.version(), id, KEEP_ALIVE_SECONDS);
    return spec.withCredentials(target.credentials());
  }
}
