package io.troupe.loadtest.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs small programs of the operating system. */
final class Shell {
  private Shell() {}

  /** Runs to the end and returns the exit code; output is dropped. */
  static int run(String... command) {
    return execute(List.of(command)).exitCode();
  }

  /**
   * Runs to the end.
   *
   * @throws IllegalStateException with what it printed, if it fails
   */
  static void require(String... command) {
    Result result = execute(List.of(command));
    if (result.exitCode() != 0) {
      throw new IllegalStateException(
          String.join(" ", command) + " failed: " + result.output().strip());
    }
  }

  /**
   * Runs to the end.
   *
   * @return what it printed, or empty if it failed or is not there
   */
  static String output(String... command) {
    try {
      Result result = execute(List.of(command));
      return result.exitCode() == 0 ? result.output() : "";
    } catch (UncheckedIOException e) {
      return "";
    }
  }

  private record Result(int exitCode, String output) {}

  private static Result execute(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Result(process.waitFor(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
