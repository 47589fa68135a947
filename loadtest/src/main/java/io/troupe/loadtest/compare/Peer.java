package io.troupe.loadtest.compare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** A broker that can take part: how it is got and started with a fair configuration. */
public enum Peer {
  /** Ours, durable: every taken-over message is flushed to the disk. */
  TROUPE("defaults; every message is flushed to the disk (fsync) before its PUBACK") {
    @Override
    String prepare(Path data, Sources sources) {
      return "exec "
          + sources.troupe()
          + "/bin/troupe start --dev --data {data} --port {port}"
          + " --ws-port 0 --http-port 0";
    }
  },
  /** Debian's package; keeps messages in memory and writes them to disk at times. */
  MOSQUITTO(
      "2.0 of Debian; queues without limit, 1000 in flight, persistence on, which writes at times"
          + " and at the end: what is queued stays in memory, and a kill loses it") {
    @Override
    String prepare(Path data, Sources sources) throws IOException {
      Files.writeString(
          data.resolve("mosquitto.conf"),
          """
          allow_anonymous true
          persistence true
          persistence_location %s/
          max_queued_messages 0
          max_inflight_messages 1000
          log_type error
          log_type warning
          set_tcp_nodelay true
          user root
          """
              .formatted(data));
      return "cp {data}/mosquitto.conf {data}/run.conf"
          + " && echo 'listener {port} 127.0.0.1' >> {data}/run.conf"
          + " && exec /usr/sbin/mosquitto -c {data}/run.conf";
    }
  },
  /** From Maven Central; writes messages to RocksDB without flushing. */
  HIVEMQ(
      "CE 2025.5 with defaults, but queues of a million and Receive Maximum 1000, as Mosquitto's;"
          + " messages go to RocksDB without fsync") {
    @Override
    String prepare(Path data, Sources sources) throws IOException, InterruptedException {
      Path lib = sources.hivemqFolder().resolve("lib");
      if (!Files.isDirectory(lib)) {
        fetch(sources.hivemqFolder(), lib);
      }
      for (String folder : List.of("conf", "data", "extensions")) {
        Files.createDirectories(data.resolve(folder));
      }
      try (InputStream launcher = Peer.class.getResourceAsStream("HiveMqLauncher.java.txt")) {
        if (launcher == null) {
          throw new IllegalStateException("the launcher is missing from the jar");
        }
        Files.write(data.resolve("HiveMqLauncher.java"), launcher.readAllBytes());
      }
      Files.writeString(
          data.resolve("conf.xml"),
          """
          <hivemq><listeners><tcp-listener><port>PORT</port><bind-address>127.0.0.1</bind-address>
          </tcp-listener></listeners><mqtt><queued-messages><max-queue-size>1000000</max-queue-size>
          </queued-messages><receive-maximum><server-receive-maximum>1000</server-receive-maximum>
          </receive-maximum></mqtt><anonymous-usage-statistics><enabled>false</enabled>
          </anonymous-usage-statistics></hivemq>
          """);
      return "sed s/PORT/{port}/ {data}/conf.xml > {data}/conf/config.xml && exec java -cp '"
          + lib
          + "/*' {data}/HiveMqLauncher.java {data}";
    }
  };

  private static final String HIVEMQ_VERSION = "2025.5";

  private final String terms;

  Peer(String terms) {
    this.terms = terms;
  }

  /**
   * Where peers come from.
   *
   * @param troupe folder of our distribution
   * @param hivemqFolder where HiveMQ's jars are kept once fetched
   */
  public record Sources(Path troupe, Path hivemqFolder) {}

  /**
   * Writes what the broker needs into its data directory.
   *
   * @return the shell command that runs it, with {port} and {data} to be replaced
   */
  abstract String prepare(Path data, Sources sources) throws IOException, InterruptedException;

  /** How it is set up, for people to judge whether that is fair. */
  String terms() {
    return terms;
  }

  /** The name in tables and on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Lets Maven resolve HiveMQ and what it needs. */
  private static void fetch(Path folder, Path lib) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    Path pom = folder.resolve("pom.xml");
    Files.writeString(
        pom,
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
        <groupId>io.troupe.peers</groupId><artifactId>hivemq</artifactId><version>1</version>
        <dependencies><dependency><groupId>com.hivemq</groupId>
        <artifactId>hivemq-community-edition-embedded</artifactId><version>%s</version>
        </dependency></dependencies></project>
        """
            .formatted(HIVEMQ_VERSION));
    Process maven =
        new ProcessBuilder(
                "mvn",
                "-q",
                "-B",
                "-f",
                pom.toString(),
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                "-DoutputDirectory=" + lib)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("maven.log").toFile())
            .start();
    if (maven.waitFor() != 0) {
      throw new IOException("Maven could not resolve HiveMQ CE; see " + folder);
    }
  }
}
