package io.troupe.broker.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration cannot be used; carries every mistake found, in the order of the files. */
public final class InvalidConfiguration extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  InvalidConfiguration(List<ConfigProblem> problems) {
    super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public List<ConfigProblem> problems() {
    return problems;
  }
}
