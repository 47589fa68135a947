package io.troupe.loadtest.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A network namespace for each host of a cluster, all on one bridge of this process' namespace.
 * Every host knows the others' hardware addresses; a wrong one lets all packets to a host vanish,
 * also those of open connections. Needs root and a network namespace without routes ({@code unshare
 * --net}), so that nothing of the machine's own network can be touched.
 */
final class NodeNetwork implements AutoCloseable {
  private static final int OURS = 254;
  private static final String NOWHERE = mac(255);

  private final List<Integer> hosts;
  private final List<Integer> made = new ArrayList<>();

  /**
   * @param hosts their numbers, 1 to 253
   */
  NodeNetwork(List<Integer> hosts) {
    this.hosts = List.copyOf(hosts);
    Shell.require("/bin/sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet");
    loopbackOnlyIs127001("");
    ip("link add troupe0 address " + mac(OURS) + " type bridge");
    ip("addr add " + address(OURS) + "/24 dev troupe0");
    ip("link set troupe0 up");
    try {
      this.hosts.forEach(this::add);
      this.hosts.forEach(from -> this.hosts.forEach(to -> reach(from, to, mac(to))));
    } catch (IllegalStateException e) {
      close();
      throw e;
    }
  }

  /** Why there can be none here, or empty if there can. */
  static String refusal() {
    String how =
        "the faults 'split' and 'oneway' need root, the program ip, and a network namespace";
    try {
      boolean own = Files.readAllLines(Path.of("/proc/self/net/route")).size() <= 1;
      return own && Shell.output("id", "-u").strip().equals("0") && Shell.run("ip", "-V") == 0
          ? ""
          : how + " of their own: put \"unshare --net\" before the command, or choose other faults";
    } catch (IOException | UncheckedIOException e) {
      return how + ": " + e.getMessage();
    }
  }

  static String address(int host) {
    return "127.77.0." + host;
  }

  /** What comes before a command so that it runs on a host. */
  static String prefix(int host) {
    return "ip netns exec " + namespace(host) + " ";
  }

  /** Lets all packets from one host to another vanish. */
  void cut(int from, int to) {
    reach(from, to, NOWHERE);
  }

  void heal(int from, int to) {
    reach(from, to, mac(to));
  }

  @Override
  public void close() {
    made.forEach(host -> Shell.run("ip", "netns", "del", namespace(host)));
    Shell.run("ip", "link", "del", "troupe0");
  }

  private void add(int host) {
    ip("netns add " + namespace(host));
    made.add(host);
    ip(
        "link add troupe"
            + host
            + " type veth peer name eth0 address "
            + mac(host)
            + " netns "
            + namespace(host));
    ip("link set troupe" + host + " master troupe0 up");
    Shell.require(
        "/bin/sh",
        "-c",
        prefix(host) + "sh -c 'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet'");
    String inside = "-n " + namespace(host) + " ";
    loopbackOnlyIs127001(inside);
    ip(inside + "addr add " + address(host) + "/24 dev eth0");
    ip(inside + "link set eth0 up");
    ip(inside + "neigh replace " + address(OURS) + neighbour(mac(OURS), "eth0"));
    ip("neigh replace " + address(host) + neighbour(mac(host), "troupe0"));
  }

  /** The rest of 127/8 is then free for the hosts. */
  private static void loopbackOnlyIs127001(String inside) {
    ip(inside + "link set lo up");
    ip(inside + "addr del 127.0.0.1/8 dev lo");
    ip(inside + "addr add 127.0.0.1/32 dev lo");
  }

  private static void reach(int from, int to, String mac) {
    if (from != to) {
      ip("-n " + namespace(from) + " neigh replace " + address(to) + neighbour(mac, "eth0"));
    }
  }

  private static String neighbour(String mac, String device) {
    return " lladdr " + mac + " dev " + device + " nud permanent";
  }

  private static String mac(int host) {
    return String.format("02:00:00:00:77:%02x", host);
  }

  private static String namespace(int host) {
    return "troupe-" + ProcessHandle.current().pid() + "-" + host;
  }

  private static void ip(String words) {
    Shell.require(("ip " + words).split(" ", -1));
  }
}
