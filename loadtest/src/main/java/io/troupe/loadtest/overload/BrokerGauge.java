package io.troupe.loadtest.overload;

import io.troupe.loadtest.load.ProcessMeter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be seen of a broker from outside: its memory, its administration, its counters. */
public final class BrokerGauge {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Counters of the broker are a few seconds old. */
  private static final long COUNTERS_MILLIS = 8_000;

  private static final Pattern DROPS =
      Pattern.compile("(?m)^mqtt_messages_dropped_total\\{.*?reason=\"(\\w+)\".*?} ([0-9.eE+]+)");
  private static final Pattern REFUSALS =
      Pattern.compile("(?m)^mqtt_connack_total\\{.*?reason=\"(\\w+)\".*?} ([0-9.eE+]+)");

  private final ProcessMeter process;
  private final @Nullable URI admin;
  private final HttpClient http;

  /**
   * @param admin of the administration server, or null if there is none
   */
  public BrokerGauge(long pid, @Nullable URI admin) {
    this.process = new ProcessMeter(pid);
    this.admin = admin;
    this.http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  }

  /** Resident memory, or 0 if no process is known. */
  long residentBytes() {
    return process.residentBytes();
  }

  /** How long {@code /health/live} takes to say 200; -1 if it does not. */
  long healthNanos() throws InterruptedException {
    long start = System.nanoTime();
    HttpResponse<String> answer = get("/health/live");
    return answer != null && answer.statusCode() == 200 ? System.nanoTime() - start : -1;
  }

  boolean hasAdmin() {
    return admin != null;
  }

  /**
   * Counters so far: dropped messages by reason, and CONNECTs refused by reason code; none if there
   * is no administration server, or it does not answer.
   */
  public Map<String, Long> counters() throws InterruptedException {
    Map<String, Long> counters = new TreeMap<>();
    HttpResponse<String> answer = get("/metrics");
    if (answer != null) {
      add(counters, DROPS.matcher(answer.body()), "");
      add(counters, REFUSALS.matcher(answer.body()), "connack ");
      counters.remove("connack success");
    }
    return counters;
  }

  /** What was counted since then, once the counters show it. */
  public Map<String, Long> countedSince(Map<String, Long> before) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(hasAdmin() ? COUNTERS_MILLIS : 0);
    return grown(before, counters());
  }

  static Map<String, Long> grown(Map<String, Long> before, Map<String, Long> after) {
    Map<String, Long> grown = new TreeMap<>();
    after.forEach(
        (reason, count) -> {
          long by = count - before.getOrDefault(reason, 0L);
          if (by > 0) {
            grown.put(reason, by);
          }
        });
    return grown;
  }

  private static void add(Map<String, Long> counters, Matcher found, String prefix) {
    while (found.find()) {
      counters.merge(prefix + found.group(1), (long) Double.parseDouble(found.group(2)), Long::sum);
    }
  }

  private @Nullable HttpResponse<String> get(String path) throws InterruptedException {
    if (admin == null) {
      return null;
    }
    HttpRequest request = HttpRequest.newBuilder(admin.resolve(path)).timeout(PATIENCE).build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      return null;
    }
  }
}
