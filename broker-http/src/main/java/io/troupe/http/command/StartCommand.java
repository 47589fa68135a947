package io.troupe.http.command;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ConfigSources;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe start}: runs the broker until it is told to stop. */
@Command(
    name = "start",
    description = "Starts the broker and runs until SIGTERM or Ctrl-C.",
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class StartCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--dev",
      description = "Development mode: clients of this machine only, no passwords.")
  private boolean dev;

  @Option(names = "--config", paramLabel = "FILE", description = "The configuration file.")
  private @Nullable Path config;

  @Option(names = "--data", paramLabel = "DIR", description = "The folder of all stored data.")
  private @Nullable Path data;

  @Option(names = "--port", paramLabel = "N", description = "MQTT over TCP; 0: any free port.")
  private @Nullable Integer port;

  @Option(
      names = "--tls-port",
      paramLabel = "N",
      description = "MQTT over TLS; in development mode with a certificate made for it.")
  private @Nullable Integer tlsPort;

  @Option(names = "--ws-port", paramLabel = "N", description = "MQTT over WebSocket.")
  private @Nullable Integer wsPort;

  @Option(names = "--wss-port", paramLabel = "N", description = "MQTT over secure WebSocket.")
  private @Nullable Integer wssPort;

  @Option(names = "--http-port", paramLabel = "N", description = "Health, metrics and status.")
  private @Nullable Integer httpPort;

  @Override
  public Integer call() throws InterruptedException {
    ConfigSources sources =
        BrokerConfig.from().file(config).environment(System.getenv()).options(options());
    Optional<BrokerConfig> checked = ConfigurationErrors.load(sources, spec.commandLine().getErr());
    if (checked.isEmpty()) {
      return ExitCode.CONFIGURATION;
    }
    Program program = new Program(new StartReport(spec.commandLine().getOut()));
    try {
      program.start(checked.get());
    } catch (StartFailure e) {
      spec.commandLine().getErr().println("troupe cannot start: " + e.getMessage());
      spec.commandLine().getErr().flush();
      program.abandon();
      return ExitCode.START;
    }
    return program.awaitEnd();
  }

  private Map<String, Object> options() {
    Map<String, Object> options = new HashMap<>();
    if (dev) {
      options.put("troupe.dev --dev", true);
    }
    if (data != null) {
      options.put("troupe.data-dir --data", data.toAbsolutePath().toString());
    }
    listener(options, "tcp", "--port", port);
    listener(options, "tls", "--tls-port", tlsPort);
    listener(options, "ws", "--ws-port", wsPort);
    listener(options, "wss", "--wss-port", wssPort);
    if (httpPort != null) {
      options.put("troupe.http.port --http-port", httpPort);
      options.put("troupe.http.enabled --http-port", true);
    }
    return options;
  }

  /** Naming a port asks for the listener. */
  private static void listener(
      Map<String, Object> options, String name, String option, @Nullable Integer number) {
    if (number != null) {
      options.put("troupe.listeners." + name + ".port " + option, number);
      options.put("troupe.listeners." + name + ".enabled " + option, true);
    }
  }
}
