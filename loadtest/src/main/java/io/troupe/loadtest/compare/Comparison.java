package io.troupe.loadtest.compare;

import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.check.BrokerProcess;
import io.troupe.loadtest.load.LoadFailed;
import io.troupe.loadtest.load.LoadResult;
import io.troupe.loadtest.load.LoadResult.Phase;
import io.troupe.loadtest.load.LoadRun;
import io.troupe.loadtest.load.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Runs contests on one peer after the other, with one broker at a time. */
public final class Comparison {
  private final Settings settings;
  private final Consumer<String> progress;
  private final ComparisonTable table;
  private final long deadlineNanos;

  /**
   * What to run.
   *
   * @param directory where data directories and logs go
   * @param brokerCpus processors of the brokers as {@code taskset} takes them, or empty for all
   * @param repetitions of the whole, each with brokers started anew
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
      int repetitions,
      Duration most) {

    public Settings {
      peers = List.copyOf(peers);
      contests = List.copyOf(contests);
    }
  }

  private Comparison(Settings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
    this.table = new ComparisonTable(terms(settings));
    this.deadlineNanos = System.nanoTime() + settings.most().toNanos();
  }

  /** Runs all; a peer that cannot be started or fails is noted in the table. */
  public static ComparisonTable run(Settings settings, Consumer<String> progress)
      throws IOException, InterruptedException {
    Comparison comparison = new Comparison(settings, progress);
    for (int i = 1; i <= settings.repetitions(); i++) {
      for (Peer peer : settings.peers()) {
        comparison.run(peer);
      }
    }
    return comparison.table;
  }

  private void run(Peer peer) throws IOException, InterruptedException {
    int next = 0;
    while (next < settings.contests().size()) {
      Path data = settings.directory().resolve(peer + "-" + next);
      try (BrokerProcess broker = broker(peer, data)) {
        broker.start();
        int first = next;
        while (next < settings.contests().size()
            && (next == first || !settings.contests().get(next).startsAnew())) {
          Contest contest = settings.contests().get(next++);
          if (System.nanoTime() - deadlineNanos > 0) {
            table.note(peer, contest, "not begun, the time was over");
          } else if (!run(peer, contest, broker, data)) {
            break;
          }
        }
      } catch (BrokerFailed | IOException e) {
        progress.accept(peer + " does not start: " + e.getMessage());
        for (Contest contest : settings.contests().subList(next, settings.contests().size())) {
          table.note(peer, contest, "does not start: " + e.getMessage());
        }
        return;
      }
      BrokerProcess.delete(data);
    }
  }

  /** Returns false if the broker must be started anew. */
  private boolean run(Peer peer, Contest contest, BrokerProcess broker, Path data)
      throws InterruptedException {
    try {
      LoadResult result =
          LoadRun.run(
              contest.plan(settings.warmUp(), settings.duration(), settings.threads()),
              new Target(broker.address(), null, broker.pid(), data),
              second -> {});
      table.add(peer, contest, result);
      for (Phase phase : result.phases()) {
        progress.accept(ComparisonTable.line(peer, contest, phase));
      }
      result.notes().forEach(n -> progress.accept("  note: " + n));
      return broker.isAlive();
    } catch (LoadFailed | IllegalStateException e) {
      progress.accept(peer + " failed " + contest + ": " + e.getMessage());
      table.note(peer, contest, "failed: " + e.getMessage());
      return false;
    }
  }

  private BrokerProcess broker(Peer peer, Path data) throws IOException, InterruptedException {
    if (Files.exists(data)) {
      BrokerProcess.delete(data);
    }
    Files.createDirectories(data);
    String command = peer.prepare(data, settings.sources());
    if (!settings.brokerCpus().isEmpty()) {
      command = "taskset -cp " + settings.brokerCpus() + " $$ >/dev/null; " + command;
    }
    Path log = settings.directory().resolve(data.getFileName() + ".log");
    return new BrokerProcess(command, data, log, null);
  }

  private static List<String> terms(Settings settings) {
    List<String> terms = new ArrayList<>();
    terms.add(
        String.format(
            "machine: %d processors, brokers on %s, %s %s, Java %s; warm-up %d s, measured %d s",
            Runtime.getRuntime().availableProcessors(),
            settings.brokerCpus().isEmpty() ? "all" : settings.brokerCpus(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("java.version"),
            settings.warmUp().toSeconds(),
            settings.duration().toSeconds()));
    settings.peers().forEach(p -> terms.add(p + ": " + p.terms()));
    return terms;
  }
}
