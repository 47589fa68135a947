package io.troupe.http.command;

import io.troupe.broker.auth.Authorizer;
import io.troupe.broker.auth.MalformedFileException;
import io.troupe.broker.auth.PasswordFile;
import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.ConfigProblem;
import io.troupe.broker.config.ConfigSources;
import io.troupe.broker.config.InvalidConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Loads a configuration and tells a person everything that is wrong with it. */
final class ConfigurationErrors {
  private ConfigurationErrors() {}

  /** Empty after printing what is wrong, in the configuration or in a file it names. */
  static Optional<BrokerConfig> load(ConfigSources sources, PrintWriter err) {
    List<String> mistakes = new ArrayList<>();
    BrokerConfig config = null;
    try {
      config = sources.load();
      mistakes.addAll(mistakesOfFiles(config));
    } catch (InvalidConfiguration e) {
      e.problems().stream().map(ConfigProblem::toString).forEach(mistakes::add);
    }
    if (mistakes.isEmpty()) {
      return Optional.ofNullable(config);
    }
    int count = mistakes.size();
    err.println("The configuration has " + count + (count == 1 ? " mistake:" : " mistakes:"));
    mistakes.forEach(mistake -> err.println("  " + mistake));
    err.flush();
    return Optional.empty();
  }

  private static List<String> mistakesOfFiles(BrokerConfig config) {
    List<String> mistakes = new ArrayList<>();
    Path passwords = config.auth().passwordFile();
    try {
      if (passwords != null) {
        PasswordFile.read(passwords);
      }
    } catch (IOException | MalformedFileException e) {
      mistakes.add(text(passwords, e));
    }
    Path rules = config.auth().aclFile();
    try {
      Authorizer.of(config.auth());
    } catch (IOException | MalformedFileException e) {
      mistakes.add(text(rules, e));
    }
    return mistakes;
  }

  /** A malformed file's message begins with its name and line. */
  private static String text(@Nullable Path file, Exception failure) {
    if (failure instanceof NoSuchFileException) {
      return file + ": no such file";
    }
    if (failure instanceof AccessDeniedException) {
      return file + ": not readable by this user";
    }
    String message = String.valueOf(failure.getMessage());
    return failure instanceof IOException ? file + ": cannot be read: " + message : message;
  }
}
