package io.troupe.http.command;

import io.troupe.broker.auth.AclRules;
import io.troupe.broker.auth.PasswordFile;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ConfigDocument;
import io.troupe.broker.config.InvalidConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code troupe import}: a folder of configuration files from what {@code export} wrote. */
@Command(
    name = "import",
    description = {
      "Makes a folder with a configuration file, a password file and access rules of an exported file.",
      "Everything is checked first, as a start would; with any mistake nothing is made."
    },
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class)
final class ImportCommand implements Callable<Integer> {
  private static final String CONFIGURATION = "troupe.conf";
  private static final String USERS = "users.passwd";
  private static final String RULES = "access.rules";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "FILE", description = "What 'troupe export' has written.")
  private Path file = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "DIR",
      description = "The new folder; only its owner can read it.")
  private Path to = Path.of("");

  @Override
  public Integer call() throws IOException {
    Path target = to.toAbsolutePath().normalize();
    Path parent = target.getParent();
    if (Files.exists(target) || parent == null || !Files.isDirectory(parent)) {
      return refuse(
          ExitCode.FAILED,
          Files.exists(target)
              ? to + " exists already; name a new folder"
              : "the folder that " + to + " is to be made in does not exist; make it first");
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (NoSuchFileException e) {
      return refuse(ExitCode.CONFIGURATION, file + ": no such file");
    } catch (CharacterCodingException e) {
      return refuse(ExitCode.CONFIGURATION, file + ": not UTF-8 text");
    }
    Path staging =
        Files.createTempDirectory(
            parent,
            "." + target.getFileName() + ".",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try {
      return importInto(staging, text, target);
    } finally {
      remove(staging);
    }
  }

  private int importInto(Path staging, String text, Path target) throws IOException {
    List<String> mistakes = new ArrayList<>();
    ConfigDocument document = null;
    try {
      document = ConfigDocument.parse(file, text);
      mistakes.addAll(mistakes(staging, document));
    } catch (InvalidConfiguration e) {
      e.problems().forEach(problem -> mistakes.add(problem.toString()));
    }
    if (document == null || !mistakes.isEmpty()) {
      int count = mistakes.size();
      StringBuilder all = new StringBuilder(file + " has " + count);
      all.append(count == 1 ? " mistake" : " mistakes").append("; nothing was imported:");
      mistakes.forEach(mistake -> all.append("\n  ").append(mistake));
      return refuse(ExitCode.CONFIGURATION, all.toString());
    }
    Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        "Imported into "
            + to
            + "; use it with: troupe start --config "
            + to.resolve(CONFIGURATION));
    document.leftOut().forEach(key -> out.println("  set this secret yourself: " + key));
    out.flush();
    return ExitCode.OK;
  }

  /** Writes the files and tells all that a start would find wrong with them. */
  private static List<String> mistakes(Path staging, ConfigDocument document) throws IOException {
    List<String> users = document.users();
    List<String> rules = document.rules();
    List<String> mistakes = new ArrayList<>();
    write(
        staging.resolve(CONFIGURATION),
        List.of(
            document.configurationFile(
                users.isEmpty() ? null : USERS, rules.isEmpty() ? null : RULES)));
    if (!users.isEmpty()) {
      write(staging.resolve(USERS), users);
      mistakes.addAll(PasswordFile.mistakes(Path.of("users"), users));
    }
    if (!rules.isEmpty()) {
      write(staging.resolve(RULES), rules);
      mistakes.addAll(AclRules.mistakes(Path.of("access-rules"), rules));
    }
    try {
      BrokerConfig.from().file(staging.resolve(CONFIGURATION)).load();
    } catch (InvalidConfiguration e) {
      e.problems()
          .forEach(
              problem ->
                  mistakes.add(
                      "settings: "
                          + (problem.key().isEmpty() ? "" : problem.key() + ": ")
                          + problem.message()));
    }
    return mistakes;
  }

  private static void write(Path made, List<String> lines) throws IOException {
    Files.createFile(
        made, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(made, lines);
  }

  private static void remove(Path staging) throws IOException {
    if (Files.exists(staging)) {
      for (String name : List.of(CONFIGURATION, USERS, RULES)) {
        Files.deleteIfExists(staging.resolve(name));
      }
      Files.delete(staging);
    }
  }

  private int refuse(int exitCode, String why) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("troupe import: " + why);
    err.flush();
    return exitCode;
  }
}
