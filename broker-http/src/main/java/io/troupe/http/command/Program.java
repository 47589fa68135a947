package io.troupe.http.command;

import akka.actor.CoordinatedShutdown;
import io.troupe.broker.Broker;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.http.AdminServer;
import io.troupe.http.DevelopmentCertificate;
import io.troupe.http.Metrics;
import io.troupe.http.Readiness;
import io.troupe.http.RunningBroker;
import io.troupe.http.Version;
import io.troupe.protocol.transport.Transport;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of the broker, from start to orderly stop.
 *
 * <p>SIGTERM and Ctrl-C make Java run its shutdown hooks and then end with 128 plus the signal's
 * number; an orderly stop is a success, so the hook ends the process itself with 0.
 */
final class Program {
  private static final Logger LOG = LoggerFactory.getLogger(Program.class);

  /** Longer than the broker's own shutdown phases together, without the time for its clients. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

  private static final Duration ADMINISTRATION_START = Duration.ofSeconds(20);

  private final StartReport report;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** What the hook ends the process with. */
  private final AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);

  private volatile Duration stopTimeout = STOP_TIMEOUT;
  private volatile @Nullable RunningBroker broker;
  private volatile @Nullable AdminServer administration;
  private volatile @Nullable BackupSocket backupSocket;
  private volatile @Nullable Metrics metrics;
  private volatile @Nullable Readiness readiness;

  Program(StartReport report) {
    this.report = report;
  }

  /**
   * Starts everything and says so.
   *
   * @throws StartFailure with words for people; parts may run, so {@link #abandon} follows
   */
  void start(BrokerConfig checked) throws StartFailure {
    // not the process's start, which is its shell's where the script was called with exec
    Instant started = Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
    Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "shutdown"));
    stopTimeout = STOP_TIMEOUT.plus(checked.drain().notice()).plus(checked.drain().within());
    report.begin(checked);
    BrokerConfig config = prepare(checked);
    RunningBroker running = startBroker(config);
    broker = running;
    // When Java shuts down, Akka cuts the connections to other nodes as soon as no hook registered
    // with
    // it is at work; they are needed until everything is handed over. Ours ends with the process.
    CoordinatedShutdown.get(running.system()).addJvmShutdownHook(Program::awaitHalt);
    Readiness ready = new Readiness(running);
    readiness = ready;
    Metrics exported = Metrics.start(running.metrics(), config.akka());
    metrics = exported;
    startAdministration(running, ready, exported, config, started);
    openBackupSocket(config, running);
    running.listeners().forEach(report::listener);
    running.listeners().stream()
        .filter(l -> l.transport().isEncrypted())
        .findFirst()
        .ifPresent(l -> explainCertificate(config, running));
    AdminServer admin = administration;
    if (admin != null) {
      report.administration(admin.address());
    }
    report.ready(Duration.between(started, Instant.now()));
    running.terminated().whenComplete((done, failure) -> ended.countDown());
  }

  /** Checks what can be checked before, and in development mode makes a certificate. */
  private static BrokerConfig prepare(BrokerConfig config) throws StartFailure {
    try {
      Preflight.dataFolder(config.dataDir());
      Preflight.ports(config);
      DataLayout.check(config);
      boolean wanted =
          config.listeners().stream()
              .anyMatch(l -> l.transport().isEncrypted() && l.certificateChain() == null);
      if (!wanted) {
        return config;
      }
      DevelopmentCertificate made = DevelopmentCertificate.in(tlsFolder(config), Instant.now());
      return config.withCertificate(made.chain(), made.privateKey());
    } catch (IOException | GeneralSecurityException e) {
      throw StartFailure.of(e);
    }
  }

  private static Path tlsFolder(BrokerConfig config) {
    return config.dataDir().resolve("dev-tls");
  }

  private void explainCertificate(BrokerConfig config, RunningBroker running) {
    Path ca = tlsFolder(config).resolve("ca.pem");
    boolean ours =
        config.listeners().stream()
            .anyMatch(l -> tlsFolder(config).resolve("server.pem").equals(l.certificateChain()));
    if (ours) {
      report.developmentCertificate(
          ca,
          running.listeners().stream()
              .filter(l -> l.transport() == Transport.TLS)
              .map(l -> l.address().getPort())
              .findFirst()
              .orElse(null));
    }
  }

  private static RunningBroker startBroker(BrokerConfig config) throws StartFailure {
    try {
      Broker broker = Broker.start(config);
      broker.publishSys(Version.NUMBER);
      return new StartedBroker(broker);
    } catch (Exception e) {
      LOG.debug("The start failed", e);
      throw StartFailure.of(e);
    }
  }

  private void startAdministration(
      RunningBroker running,
      Readiness ready,
      Metrics exported,
      BrokerConfig config,
      Instant started)
      throws StartFailure {
    if (!config.http().enabled()) {
      return;
    }
    try {
      administration =
          AdminServer.start(running, ready, exported, config, started)
              .toCompletableFuture()
              .get(ADMINISTRATION_START.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw StartFailure.ofAdministration(config.http(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StartFailure.of(e);
    }
  }

  /** Without it the broker works as well, but cannot be backed up while it runs. */
  private void openBackupSocket(BrokerConfig config, RunningBroker running) {
    if (config.store().cassandra() != null) {
      return;
    }
    try {
      backupSocket = BackupSocket.open(config.dataDir(), running::checkpoint);
    } catch (IOException e) {
      LOG.warn(
          "troupe backup will not work: no socket can be made in {} ({}). Its path may have 100"
              + " bytes at most: choose a data folder with a shorter one.",
          config.dataDir(),
          e.getMessage());
    }
  }

  /** Blocks until the broker has ended; returns the exit code when nobody asked it to. */
  int awaitEnd() throws InterruptedException {
    ended.await();
    if (stopping.get()) {
      // The hook is at work and ends the process.
      new CountDownLatch(1).await();
    }
    LOG.error("The broker ended by itself");
    exitCode.set(ExitCode.FAILED);
    return ExitCode.FAILED;
  }

  /** After a failed start: lets go of what did start. */
  void abandon() {
    exitCode.set(ExitCode.START);
    stopParts();
  }

  private void onShutdown() {
    boolean asked = exitCode.get() == ExitCode.OK;
    if (asked) {
      stopping.set(true);
      if (broker != null) {
        report.stopping();
      }
      if (stopParts()) {
        report.stopped();
      } else {
        exitCode.set(ExitCode.FAILED);
      }
    }
    Runtime.getRuntime().halt(exitCode.get());
  }

  private static void awaitHalt() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean stopParts() {
    Readiness ready = readiness;
    if (ready != null) {
      ready.drain();
    }
    closeBackupSocket();
    boolean clean = true;
    RunningBroker running = broker;
    if (running != null) {
      // The administration server runs in the broker's actor system: it answers until near the end.
      clean = await(running.stop(), stopTimeout);
    }
    Metrics exported = metrics;
    if (exported != null) {
      exported.close();
    }
    return clean;
  }

  private void closeBackupSocket() {
    BackupSocket socket = backupSocket;
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      LOG.debug("The next start removes it", e);
    }
  }

  private static boolean await(CompletionStage<?> stage, Duration atMost) {
    try {
      stage.toCompletableFuture().get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.error("The stop did not end in order; everything acknowledged is stored", e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
