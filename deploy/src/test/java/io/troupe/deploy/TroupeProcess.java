package io.troupe.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code bin/troupe} as a child process, with all it printed. */
public final class TroupeProcess implements AutoCloseable {
  /** Generous: tests run on busy machines. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Process process;
  private final List<String> lines = new ArrayList<>();
  private final Thread reader;

  private TroupeProcess(Process process) {
    this.process = process;
    reader = new Thread(this::read, "troupe-output");
    reader.setDaemon(true);
    reader.start();
  }

  /** The assembled distribution. */
  public static Path home() {
    Path home = Path.of("target", "troupe").toAbsolutePath();
    if (!Files.isExecutable(home.resolve("bin/troupe"))) {
      throw new IllegalStateException("run the package phase first: " + home + " is missing");
    }
    return home;
  }

  /** Starts a command in a folder. */
  public static TroupeProcess run(Path folder, Map<String, String> environment, String... command) {
    List<String> all = new ArrayList<>();
    all.add(home().resolve("bin/troupe").toString());
    all.addAll(List.of(command));
    return start(folder, environment, all);
  }

  /** Runs a shell script in a folder; {@code $0} in it is {@code bin/troupe}. */
  static TroupeProcess shell(Path folder, String script) {
    String troupe = home().resolve("bin/troupe").toString();
    return start(folder, Map.of(), List.of("sh", "-c", script, troupe));
  }

  private static TroupeProcess start(
      Path folder, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("TROUPE_"));
    builder.environment().putAll(environment);
    try {
      return new TroupeProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A broker in development mode on free ports, ready. */
  public static TroupeProcess startDev(Path folder, String... more) {
    return startDev(folder, Map.of(), more);
  }

  /** The same with environment variables. */
  public static TroupeProcess startDev(
      Path folder, Map<String, String> environment, String... more) {
    List<String> command = new ArrayList<>(List.of("start", "--dev"));
    if (!List.of(more).contains("--data")) {
      command.addAll(List.of("--data", folder.resolve("data").toString()));
    }
    for (String option : List.of("--port", "--ws-port", "--http-port")) {
      if (!List.of(more).contains(option)) {
        command.addAll(List.of(option, "0"));
      }
    }
    command.addAll(List.of(more));
    Map<String, String> all = new HashMap<>(environment);
    all.putIfAbsent("JAVA_OPTS", "-Xmx512m");
    TroupeProcess process = run(folder, all, command.toArray(String[]::new));
    process.awaitLine("ready in .*");
    return process;
  }

  /** Standard input of the command. */
  void type(String text) {
    try (var in = process.getOutputStream()) {
      in.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits for a line that matches; returns the match. */
  public Matcher awaitLine(String regex) {
    Pattern pattern = Pattern.compile(regex);
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    synchronized (lines) {
      while (true) {
        for (String line : lines) {
          Matcher matcher = pattern.matcher(line);
          if (matcher.find()) {
            return matcher;
          }
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || !reader.isAlive()) {
          throw new AssertionError("no line " + regex + " in:\n" + String.join("\n", lines));
        }
        try {
          TimeUnit.NANOSECONDS.timedWait(lines, Math.min(left, 200_000_000L));
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  /** The port a listener is bound to, as the start told it. */
  public int port(String listener) {
    return Integer.parseInt(awaitLine("^  listener +" + listener + " on .*:(\\d+)$").group(1));
  }

  /** The port of the administration server. */
  public int httpPort() {
    return Integer.parseInt(awaitLine("^  http +http://.*:(\\d+)$").group(1));
  }

  /** Sends SIGTERM and waits for the end. */
  public int terminate() {
    // Process.destroy would also close the streams that hold the last words.
    process.toHandle().destroy();
    return awaitExit();
  }

  /** Sends SIGKILL and waits for the end. */
  public int kill() {
    process.toHandle().destroyForcibly();
    return awaitExit();
  }

  /** Waits for the end; the exit code. */
  public int awaitExit() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("still running:\n" + output());
      }
      reader.join(PATIENCE.toMillis());
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Of the program itself: the script becomes it. */
  public long pid() {
    return process.pid();
  }

  /** Everything printed so far, both streams. */
  public String output() {
    synchronized (lines) {
      return String.join("\n", lines);
    }
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  private void read() {
    InputStream in = process.getInputStream();
    try (var text = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = text.readLine(); line != null; line = text.readLine()) {
        synchronized (lines) {
          lines.add(line);
          lines.notifyAll();
        }
      }
    } catch (IOException e) {
      synchronized (lines) {
        lines.add("(output ended: " + e.getMessage() + ")");
      }
    }
  }
}
