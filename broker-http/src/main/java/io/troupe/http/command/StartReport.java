package io.troupe.http.command;

import io.troupe.broker.cassandra.CassandraSettings;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ClusterConfig;
import io.troupe.http.RunningBroker;
import io.troupe.http.Version;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a person sees while the broker starts and stops. */
final class StartReport {
  private final PrintWriter out;

  StartReport(PrintWriter out) {
    this.out = out;
  }

  void begin(BrokerConfig config) {
    say("Troupe " + Version.NUMBER + ", Java " + Runtime.version().feature());
    CassandraSettings shared = config.store().cassandra();
    say("  store     " + (shared == null ? "embedded, in " + config.dataDir() : shared.toString()));
    if (!config.cluster().isSingleNode()) {
      ClusterConfig cluster = config.cluster();
      say("  cluster   " + config.nodeName() + " at " + cluster.host() + ":" + cluster.port());
    }
    if (config.dev()) {
      say("  warning   development mode: clients of this machine only");
    }
    if (config.auth().allowAnonymous()) {
      say("  warning   clients need no password");
    }
    config.warnings().forEach(warning -> say("  warning   " + warning));
  }

  void listener(RunningBroker.Listener listener) {
    String name = listener.name();
    String protocol = listener.transport().name().toLowerCase(Locale.ROOT);
    String label = name.equals(protocol) ? name : name + " (" + protocol + ")";
    say("  listener  " + label + " on " + text(listener.address()));
  }

  void administration(InetSocketAddress address) {
    say("  http      http://" + text(address));
  }

  /** How to connect to the encrypted listener whose certificate was made for this start. */
  void developmentCertificate(Path ca, @Nullable Integer tlsPort) {
    say("  warning   self-signed certificate made for development; its authority is " + ca);
    if (tlsPort != null) {
      say("            mosquitto_pub --cafile " + ca + " -p " + tlsPort + " -t hello -m hi");
    }
  }

  void ready(Duration took) {
    say(String.format(Locale.ROOT, "ready in %.1f s", took.toMillis() / 1000.0));
  }

  void stopping() {
    say("stopping");
  }

  void stopped() {
    say("stopped");
  }

  private void say(String line) {
    out.println(line);
    out.flush();
  }

  /** {@code host:port}, with {@code *} for every address. */
  static String text(InetSocketAddress address) {
    if (address.getAddress() != null && address.getAddress().isAnyLocalAddress()) {
      return "*:" + address.getPort();
    }
    String host = address.getHostString();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
