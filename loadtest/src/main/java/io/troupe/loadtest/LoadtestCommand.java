package io.troupe.loadtest;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the commands have in common: where they write, and how they refuse. */
abstract class LoadtestCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--json", paramLabel = "FILE", description = "Write the report there as JSON.")
  @Nullable Path json;

  final PrintWriter out() {
    return spec().commandLine().getOut();
  }

  /** A line people see at once. */
  final void say(String line) {
    out().println(line);
    out().flush();
  }

  /** A wrong command line; exit code 2. */
  final ParameterException refused(String reason) {
    return new ParameterException(spec().commandLine(), reason);
  }

  /** Refuses a file that could not be written once the work is done. */
  final void requireWritable(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isWritable(folder) || Files.isDirectory(file)) {
      throw refused("cannot write " + file);
    }
  }

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return spec;
  }
}
