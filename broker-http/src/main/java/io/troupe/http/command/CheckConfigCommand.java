package io.troupe.http.command;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ListenerConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe check-config}: all mistakes at once, with file and line. */
@Command(
    name = "check-config",
    description = "Checks a configuration file, the files it names and the TROUPE_ environment.",
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class CheckConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "FILE",
      description = "The file; without it the defaults and the environment are checked.")
  private @Nullable Path file;

  @Option(names = "--dev", description = "Check it as 'start --dev' would use it.")
  private boolean dev;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Map<String, ?> options = dev ? Map.of("troupe.dev --dev", true) : Map.of();
    Optional<BrokerConfig> config =
        ConfigurationErrors.load(
            BrokerConfig.from().file(file).environment(System.getenv()).options(options),
            spec.commandLine().getErr());
    if (config.isEmpty()) {
      return ExitCode.CONFIGURATION;
    }
    out.println("The configuration is right.");
    for (ListenerConfig listener : config.get().listeners()) {
      out.println("  listener " + listener.name() + " on " + StartReport.text(listener.address()));
    }
    out.println("  data in " + config.get().dataDir());
    config.get().warnings().forEach(warning -> out.println("  warning: " + warning));
    out.flush();
    return ExitCode.OK;
  }
}
