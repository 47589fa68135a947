package io.troupe.loadtest.compare;

import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Runs contests on one peer after the other, with one broker at a time. */
public final class Comparison {
  private final Settings settings;
  private final Consumer<String> progress;
  private final ComparisonTable table = new ComparisonTable();
  private final long deadlineNanos;

  /**
   * What to run.
   *
   * @param directory where data directories and logs go
   * @param brokerCpus processors of the brokers as {@code taskset} takes them, or empty for all
   * @param most no contest is begun after this time
   */
  public record Settings(
      List<Peer> peers,
      List<Contest> contests,
      Peer.Sources sources,
      Path directory,
      String brokerCpus,
      Duration warmUp,
      Duration duration,
      int threads,
      Duration most) {

    public Settings {
      peers = List.copyOf(peers);
      contests = List.copyOf(contests);
    }
  }

  private Comparison(Settings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    this.deadlineNanos = System.nanoTime() + settings.most().toNanos();
  }

  /** Runs all; a peer that cannot be started or fails is noted in the table. */
  public static ComparisonTable run(Settings settings, Consumer<String> progress)
      throws IOException, InterruptedException {
    Comparison comparison = new Comparison(settings, progress);
    for (Peer peer : settings.peers()) {
      comparison.run(peer);
    }
    return comparison.table;
  }

  private void run(Peer peer) throws IOException, InterruptedException {
    int next = 0;
    while (next < settings.contests().size()) {
      try (BrokerProcess broker = broker(peer, next)) {
        broker.start();
        int first = next;
        while (next < settings.contests().size()
            && (next == first || !settings.contests().get(next).startsAnew())) {
          Contest contest = settings.contests().get(next++);
          if (System.nanoTime() - deadlineNanos > 0) {
            table.note(peer, contest, "not begun, the time was over");
          } else if (!run(peer, contest, broker)) {
            break;
          }
        }
      } catch (BrokerFailed | IOException e) {
        progress.accept(peer.label() + " does not start: " + e.getMessage());
        for (Contest contest : settings.contests()) {
          table.note(peer, contest, "does not start");
        }
        return;
      }
    }
  }

  /** Returns false if the broker must be started anew. */
  private boolean run(Peer peer, Contest contest, BrokerProcess broker)
      throws InterruptedException {
    try {
      LoadResult result =
          LoadRun.run(
              contest
                  .plan(settings.warmUp(), settings.duration(), settings.threads())
                  .against(broker.address(), broker.pid()),
              second -> {});
      table.add(peer, contest, result);
      for (Phase phase : result.phases()) {
        progress.accept(ComparisonTable.line(peer, contest, phase));
      }
      result.notes().forEach(n -> progress.accept("  note: " + n));
      return broker.isAlive();
    } catch (IllegalStateException e) {
      progress.accept(peer.label() + " failed " + contest.label() + ": " + e.getMessage());
      table.note(peer, contest, "failed: " + e.getMessage());
      return false;
    }
  }

  private BrokerProcess broker(Peer peer, int number) throws IOException, InterruptedException {
    Path data = settings.directory().resolve(peer.label() + "-" + number);
    if (Files.exists(data)) {
      BrokerProcess.delete(data);
    }
    Files.createDirectories(data);
    String command = peer.prepare(data, settings.sources());
    if (!settings.brokerCpus().isEmpty()) {
      command = "taskset -cp " + settings.brokerCpus() + " $$ >/dev/null; " + command;
    }
    Path log = settings.directory().resolve(peer.label() + "-" + number + ".log");
    return new BrokerProcess(command, data, log, null);
  }
}
