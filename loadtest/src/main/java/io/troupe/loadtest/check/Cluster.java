package io.troupe.loadtest.check;

import io.troupe.loadtest.history.NodeLoss;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Nodes of Troupe and their Cassandra, each a process of this machine, and one node more that only
 * joins for a while. As a supervisor would, it starts a node again that the others took out of the
 * cluster, and which ended for that reason.
 *
 * <p>One thread uses it.
 */
public final class Cluster implements BrokerControl {
  private static final Duration WHOLE_MAX = Duration.ofMinutes(4);
  private static final Duration STORE_START_MAX = Duration.ofMinutes(3);
  private static final Duration NOTICE_MAX = Duration.ofSeconds(90);

  private final List<ClusterNode> nodes = new ArrayList<>();
  private final ClusterNode spare;
  private final BrokerProcess store;
  private final Path storeLog;
  private final @Nullable NodeNetwork network;
  private final int storeHost;
  private final List<NodeLoss> losses = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final Thread atExit = new Thread(this::endAll, "end-of-cluster");
  private int kills;

  /**
   * @param home the distribution, with {@code bin/troupe} and {@code bin/troupe-cluster}
   * @param count nodes, 2 to 8
   * @param directory where data and logs go; exists
   * @param withNetwork whether each node gets a network namespace, which {@link Fault#SPLIT} and
   *     {@link Fault#ONEWAY} need
   */
  public Cluster(Path home, int count, Path directory, boolean withNetwork) {
    this.storeHost = count + 2;
    NodeLayout layout =
        withNetwork
            ? NodeLayout.hosts(home, directory, count, storeHost)
            : NodeLayout.ports(home, directory, count);
    List<Integer> hosts = new ArrayList<>(List.of(storeHost));
    for (int number = 1; number <= count + 1; number++) {
      hosts.add(number);
    }
    this.network = withNetwork ? new NodeNetwork(hosts) : null;
    for (int number = 1; number <= count; number++) {
      nodes.add(layout.node(number));
    }
    this.spare = layout.node(count + 1);
    this.storeLog = directory.resolve("store.log");
    this.store =
        new BrokerProcess(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            layout.storeCommand(),
            directory,
            storeLog);
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /** Why nodes cannot be cut off from each other here, or empty if they can. */
  public static String networkRefusal() {
    return NodeNetwork.refusal();
  }

  @Override
  public InetSocketAddress address() {
    return nodes.get(0).process().address();
  }

  @Override
  public List<InetSocketAddress> addresses() {
    List<InetSocketAddress> all = new ArrayList<>();
    nodes.forEach(node -> all.add(node.process().address()));
    all.add(spare.process().address());
    return all;
  }

  @Override
  public boolean isOwned() {
    return true;
  }

  /** Starts the store, the first node, which forms the cluster, and then the others at once. */
  @Override
  public void start() throws InterruptedException {
    store.launch();
    long deadline = System.nanoTime() + STORE_START_MAX.toNanos();
    while (!storeAnswers()) {
      if (!store.isAlive() || System.nanoTime() > deadline) {
        throw new BrokerFailed("the store did not start; see " + storeLog);
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    nodes.get(0).start();
    nodes.subList(1, nodes.size()).forEach(ClusterNode::launch);
    awaitWhole();
  }

  private boolean storeAnswers() {
    try {
      return Files.exists(storeLog) && Files.readString(storeLog).contains("  Cassandra ");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A node whose end by SIGKILL the others may notice before it is started again, or not. */
  @Override
  public BrokerControl oneOf(Random random) {
    return new Victim(nodes.get(random.nextInt(nodes.size())));
  }

  @Override
  public boolean isAlive() {
    return store.isAlive() && wanted().stream().allMatch(node -> node.process().isAlive());
  }

  @Override
  public void tend() {
    if (!store.isAlive()) {
      throw new BrokerFailed("the store ended by itself; see " + storeLog);
    }
    for (ClusterNode node : wanted()) {
      if (node.startAgainIfTakenOut()) {
        notes.add(node.name() + " was taken out of the cluster, ended, and was started again");
      }
    }
  }

  @Override
  public void awaitWhole() throws InterruptedException {
    long deadline = System.nanoTime() + WHOLE_MAX.toNanos();
    while (true) {
      tend();
      List<ClusterNode> all = wanted();
      if (all.stream().allMatch(node -> node.isReadyWith(all.size()))) {
        return;
      }
      if (System.nanoTime() > deadline) {
        StringBuilder states = new StringBuilder();
        all.forEach(n -> states.append(n.name()).append(": ").append(n.health()).append("; "));
        throw new BrokerFailed("the nodes did not find together again: " + states);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Waits until all other nodes have taken this one out. */
  private void awaitTakenOut(ClusterNode lost, long lostAtNanos) throws InterruptedException {
    long deadline = lostAtNanos + NOTICE_MAX.toNanos();
    while (true) {
      tend();
      List<ClusterNode> others = new ArrayList<>(wanted());
      others.remove(lost);
      if (others.stream().allMatch(node -> node.seesAll(others.size()))) {
        losses.add(new NodeLoss(lostAtNanos, System.nanoTime()));
        return;
      }
      if (System.nanoTime() > deadline) {
        notes.add(lost.name() + " was not taken out within " + NOTICE_MAX.toSeconds() + " s");
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  void freeze(Random random) throws InterruptedException {
    ClusterNode node = nodes.get(random.nextInt(nodes.size()));
    long at = System.nanoTime();
    node.process().pause();
    try {
      node.want(false);
      awaitTakenOut(node, at);
      TimeUnit.MILLISECONDS.sleep(random.nextInt(15_000));
    } finally {
      node.process().resume();
      node.want(true);
    }
  }

  void split(Random random) throws InterruptedException {
    disconnect(nodes.get(random.nextInt(nodes.size())), true, true, random);
  }

  void cutOneWay(Random random) throws InterruptedException {
    boolean deaf = random.nextBoolean();
    disconnect(nodes.get(random.nextInt(nodes.size())), deaf, !deaf, random);
  }

  /** One time of three the node does not reach the store either; then it is never for moments. */
  private void disconnect(ClusterNode node, boolean deaf, boolean mute, Random random)
      throws InterruptedException {
    NodeNetwork cut = network;
    if (cut == null) {
      throw new UnsupportedOperationException("the nodes have no network of their own");
    }
    boolean lasting = random.nextBoolean();
    boolean withoutStore = random.nextInt(3) == 0;
    List<Integer> others = new ArrayList<>();
    nodes.stream().filter(other -> other != node).forEach(other -> others.add(other.number()));
    if (withoutStore) {
      others.add(storeHost);
    }
    long at = System.nanoTime();
    for (int other : others) {
      if (mute) {
        cut.cut(node.number(), other);
      }
      if (deaf) {
        cut.cut(other, node.number());
      }
    }
    try {
      if (lasting) {
        node.want(false);
        awaitTakenOut(node, at);
      }
      TimeUnit.MILLISECONDS.sleep(500 + random.nextInt(4000));
    } finally {
      node.want(true);
      for (int other : others) {
        cut.heal(node.number(), other);
        cut.heal(other, node.number());
      }
    }
  }

  void joinAndLeave(Random random) throws InterruptedException {
    spare.start();
    awaitWhole();
    TimeUnit.MILLISECONDS.sleep(3000 + random.nextInt(5000));
    spare.terminate();
  }

  void restartAll() throws InterruptedException {
    for (ClusterNode node : nodes) {
      node.terminate();
      node.start();
      awaitWhole();
    }
  }

  void pauseStore(Random random) throws InterruptedException {
    long millis = 3000L + random.nextInt(57_000);
    store.pause();
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
    } finally {
      store.resume();
    }
    long at = System.nanoTime();
    awaitWhole();
    notes.add(
        String.format(
            "the store was away for %.1f s; all nodes were ready %.1f s later",
            millis / 1e3, (System.nanoTime() - at) / 1e9));
  }

  @Override
  public List<NodeLoss> takeLosses() {
    List<NodeLoss> taken = List.copyOf(losses);
    losses.clear();
    return taken;
  }

  @Override
  public List<String> takeNotes() {
    List<String> taken = List.copyOf(notes);
    notes.clear();
    return taken;
  }

  /** Ends all processes at once. */
  @Override
  public void close() {
    Runtime.getRuntime().removeShutdownHook(atExit);
    endAll();
  }

  private void endAll() {
    nodes.forEach(node -> node.process().close());
    spare.process().close();
    store.close();
    if (network != null) {
      network.close();
    }
  }

  private List<ClusterNode> wanted() {
    List<ClusterNode> all = new ArrayList<>(nodes);
    all.add(spare);
    return all.stream().filter(ClusterNode::isWanted).toList();
  }

  /** A node as faults see it. */
  private final class Victim implements BrokerControl {
    private final ClusterNode node;

    Victim(ClusterNode node) {
      this.node = node;
    }

    @Override
    public InetSocketAddress address() {
      return node.process().address();
    }

    @Override
    public void start() throws InterruptedException {
      node.start();
    }

    @Override
    public void launch() {
      node.launch();
    }

    /** Every second time it is away until the others have noticed. */
    @Override
    public void kill() throws InterruptedException {
      node.want(false);
      long at = System.nanoTime();
      node.process().kill();
      if (kills++ % 2 == 0) {
        awaitTakenOut(node, at);
      }
    }

    @Override
    public void terminate() throws InterruptedException {
      node.terminate();
    }

    @Override
    public void pause() {
      node.process().pause();
    }

    @Override
    public void resume() {
      node.process().resume();
    }
  }
}
