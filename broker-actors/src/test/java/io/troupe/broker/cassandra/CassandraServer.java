package io.troupe.broker.cassandra;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Cassandra in a process of its own, on loopback. Its libraries are those that the module
 * deploy/cassandra has gathered.
 */
public final class CassandraServer implements AutoCloseable {
  private static final Duration START_WITHIN = Duration.ofMinutes(4);
  private static final String READY = "Starting listening for CQL clients";

  private final Path folder;
  private final String address;
  private final int port;
  private final int storagePort;
  private Process process;

  private CassandraServer(Path folder, String address) {
    this.folder = folder;
    this.address = address;
    this.port = freePort(address);
    this.storagePort = freePort(address);
  }

  /** Starts a server whose files are in a folder, on 127.0.0.1. */
  public static CassandraServer start(Path folder) {
    CassandraServer server = new CassandraServer(folder, "127.0.0.1");
    server.start();
    return server;
  }

  /** The server all tests of this process share; it ends with the process. */
  public static CassandraServer shared() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final CassandraServer SERVER = startShared();

    private static CassandraServer startShared() {
      try {
        Path folder = Files.createTempDirectory("cassandra");
        CassandraServer server = start(folder);
        Runtime.getRuntime()
            .addShutdownHook(
                new Thread(
                    () -> {
                      server.close();
                      delete(folder);
                    }));
        return server;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public InetSocketAddress contactPoint() {
    return new InetSocketAddress(address, port);
  }

  public long pid() {
    return process.pid();
  }

  /** Starts the server again on its old files, after {@link #close}. */
  public void start() {
    try {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("cassandra.yaml"), yaml());
      Files.writeString(folder.resolve("logback.xml"), LOGBACK);
      Path log = folder.resolve("out.log");
      process =
          new ProcessBuilder(command())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      awaitReady(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void awaitReady(Path log) throws IOException, InterruptedException {
    long end = System.nanoTime() + START_WITHIN.toNanos();
    while (!Files.readString(log).contains(READY)) {
      if (process.waitFor(100, TimeUnit.MILLISECONDS) || System.nanoTime() > end) {
        process.destroyForcibly();
        throw new IllegalStateException("Cassandra did not start:\n" + Files.readString(log));
      }
    }
  }

  @Override
  public void close() {
    try {
      process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<String> command() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    Path libraries = libraries();
    command.add("-javaagent:" + jamm(libraries));
    command.addAll(
        List.of(
            "-Djava.security.manager=allow",
            "-Djdk.attach.allowAttachSelf=true",
            "-Dio.netty.tryReflectionSetAccessible=true",
            "-Dcassandra.storagedir=" + folder.resolve("data"),
            "-Dcassandra.config=" + folder.resolve("cassandra.yaml").toUri(),
            "-Dlogback.configurationFile=" + folder.resolve("logback.xml"),
            "-Dcassandra-foreground=yes",
            "-Dcassandra.superuser_setup_delay_ms=0",
            "-Dcassandra.ring_delay_ms=100",
            "-Dcassandra.skip_wait_for_gossip_to_settle=0",
            "-Dcassandra.available_processors=2"));
    EXPORTS.forEach(
        each -> command.addAll(List.of("--add-exports", each.strip() + "=ALL-UNNAMED")));
    OPENS.forEach(each -> command.addAll(List.of("--add-opens", each.strip() + "=ALL-UNNAMED")));
    command.addAll(
        List.of("-cp", libraries + "/*", "org.apache.cassandra.service.CassandraDaemon"));
    return command;
  }

  /** Looks from the module's folder upwards, as Maven and editors start tests in several places. */
  private static Path libraries() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      Path libraries = at.resolve("deploy/cassandra/target/lib");
      if (Files.isDirectory(libraries)) {
        return libraries;
      }
    }
    throw new IllegalStateException(
        "Cassandra's libraries are missing: run"
            + " \"mvn -f deploy/cassandra/pom.xml generate-resources\" once");
  }

  private static Path jamm(Path libraries) {
    try (Stream<Path> files = Files.list(libraries)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("jamm-"))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String yaml() {
    return """
        cluster_name: test
        num_tokens: 1
        partitioner: org.apache.cassandra.dht.Murmur3Partitioner
        commitlog_sync: batch
        read_request_timeout: 60s
        range_request_timeout: 60s
        write_request_timeout: 60s
        cas_contention_timeout: 60s
        truncate_request_timeout: 60s
        request_timeout: 60s
        endpoint_snitch: SimpleSnitch
        listen_address: %2$s
        rpc_address: %2$s
        storage_port: %4$d
        native_transport_port: %3$d
        data_file_directories: [ %1$s/data ]
        commitlog_directory: %1$s/commitlog
        cdc_raw_directory: %1$s/cdc
        saved_caches_directory: %1$s/caches
        hints_directory: %1$s/hints
        seed_provider:
          - class_name: org.apache.cassandra.locator.SimpleSeedProvider
            parameters: [ { seeds: "%2$s:%4$d" } ]
        """
        .formatted(folder, address, port, storagePort);
  }

  /**
   * Free when asked. Another process may take it before Cassandra does; below the range of ports
   * that the system gives to outgoing connections that is most unlikely.
   */
  private static int freePort(String address) {
    for (int i = 0; i < 100; i++) {
      int port = java.util.concurrent.ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getByName(address))) {
        return socket.getLocalPort();
      } catch (IOException taken) {
        // The next one.
      }
    }
    throw new IllegalStateException("no free port");
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .sorted(java.util.Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.deleteIfExists(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final String LOGBACK =
      """
      <configuration>
        <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
          <encoder><pattern>%d %-5level %logger{20} %msg%n</pattern></encoder>
        </appender>
        <root level="INFO"><appender-ref ref="OUT"/></root>
      </configuration>
      """;

  private static final List<String> EXPORTS =
      List.of(
          "java.base/jdk.internal.misc",
          "java.base/jdk.internal.ref",
          "java.base/sun.nio.ch",
          "java.management.rmi/com.sun.jmx.remote.internal.rmi",
          "java.rmi/sun.rmi.registry",
          "java.rmi/sun.rmi.server",
          "java.sql/java.sql");

  private static final List<String> OPENS =
      Stream.concat(
              Stream.of(
                      "java.lang.module",
                      "jdk.internal.loader",
                      "jdk.internal.ref",
                      "jdk.internal.reflect",
                      "jdk.internal.math",
                      "jdk.internal.module",
                      "jdk.internal.util.jar",
                      "sun.nio.ch",
                      "java.io",
                      "java.lang",
                      "java.lang.reflect",
                      "java.util",
                      "java.util.concurrent",
                      "java.util.concurrent.atomic",
                      "java.nio",
                      "java.net")
                  .map(name -> "java.base/" + name),
              Stream.of("jdk.management/com.sun.management.internal"))
          .toList();
}
