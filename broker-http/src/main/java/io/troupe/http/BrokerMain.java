package io.troupe.http;

import io.troupe.http.command.TroupeCommand;

/** The program: {@code bin/troupe} and its commands. */
public final class BrokerMain {
  private BrokerMain() {}

  public static void main(String[] arguments) {
    int exitCode = TroupeCommand.commandLine().execute(arguments);
    System.out.flush();
    System.exit(exitCode);
  }
}
