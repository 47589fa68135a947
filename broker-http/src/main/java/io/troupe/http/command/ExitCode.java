package io.troupe.http.command;

/** What the program ends with; part of its interface, named in the manual. */
final class ExitCode {
  static final int OK = 0;

  /** A bug or a failure while running; the log tells more. */
  static final int FAILED = 1;

  /** Wrong use of the command line. */
  static final int USAGE = 2;

  /** The configuration, or a file it names, cannot be used. */
  static final int CONFIGURATION = 3;

  /** The configuration is right but the broker cannot start: port, folder, store. */
  static final int START = 4;

  private ExitCode() {}
}
