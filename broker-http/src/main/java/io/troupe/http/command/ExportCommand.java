package io.troupe.http.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ConfigDocument;
import io.troupe.broker.config.ConfigSources;
import io.troupe.broker.config.InvalidConfiguration;
import io.troupe.http.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe export}: all configuration in one file. */
@Command(
    name = "export",
    description = {
      "Writes the configuration to one file: settings of file and environment, users with their"
          + " hashed passwords, and access rules.",
      "Certificates, keys and passwords of other services are not in it."
    },
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class ExportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE",
      description = "The new file; only its owner can read it.")
  private Path to = Path.of("");

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration file; without it the environment alone.")
  private @Nullable Path config;

  @Option(names = "--dev", description = "As 'start --dev' would use it.")
  private boolean dev;

  @Override
  public Integer call() throws IOException, InvalidConfiguration {
    Map<String, ?> options = dev ? Map.of("troupe.dev --dev", true) : Map.of();
    ConfigSources sources =
        BrokerConfig.from().file(config).environment(System.getenv()).options(options);
    Optional<BrokerConfig> checked = ConfigurationErrors.load(sources, spec.commandLine().getErr());
    if (checked.isEmpty()) {
      return ExitCode.CONFIGURATION;
    }
    List<String> users =
        lines(checked.get().auth().passwordFile()).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .toList();
    ConfigDocument document =
        ConfigDocument.of(sources, users, lines(checked.get().auth().aclFile()));
    try {
      write(document.text(Version.NUMBER, Instant.now().toString()));
    } catch (FileAlreadyExistsException | NoSuchFileException e) {
      boolean exists = e instanceof FileAlreadyExistsException;
      PrintWriter err = spec.commandLine().getErr();
      err.println(
          "troupe export: "
              + to
              + (exists ? " exists already; name a new file" : ": its folder does not exist"));
      err.flush();
      return ExitCode.FAILED;
    }
    report(document);
    return ExitCode.OK;
  }

  private static List<String> lines(@Nullable Path file) throws IOException {
    return file == null ? List.of() : Files.readAllLines(file);
  }

  private void write(String text) throws IOException {
    boolean whole = false;
    try (var out =
        Files.newByteChannel(
            to,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      try {
        var bytes = UTF_8.encode(text);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        whole = true;
      } finally {
        if (!whole) {
          Files.delete(to);
        }
      }
    }
  }

  private void report(ConfigDocument document) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Exported to "
            + to
            + ": settings, "
            + document.users().size()
            + " users, "
            + document.rules().size()
            + " lines of access rules");
    document.leftOut().forEach(key -> out.println("  left out, as it is a secret: " + key));
    out.flush();
  }
}
