package io.troupe.http.command;

import io.troupe.http.Version;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code troupe}: without a subcommand it shows what there is. */
@Command(
    name = "troupe",
    description = "An MQTT broker: every client session is an event-sourced actor.",
    subcommands = {
      StartCommand.class,
      CheckConfigCommand.class,
      PasswdCommand.class,
      BackupCommand.class,
      RestoreCommand.class,
      ExportCommand.class,
      ImportCommand.class,
      CommandLine.HelpCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = TroupeCommand.VersionProvider.class,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done; for start: stopped as asked (SIGTERM, Ctrl-C)",
      "1:failed while running; the log tells more",
      "2:wrong use of the command line",
      "3:the configuration or a file it names is wrong",
      "4:the broker could not start: port, folder or store"
    },
    footer = {
      "",
      "First steps:",
      "  troupe start --dev          a broker for this machine only, no passwords",
      "  mosquitto_sub -t 'hello/#' -v",
      "  mosquitto_pub -t hello/world -m hi",
    })
public final class TroupeCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--stacktrace", hidden = true)
  private boolean stacktrace;

  /** The whole command line, ready to execute. */
  public static CommandLine commandLine() {
    TroupeCommand top = new TroupeCommand();
    CommandLine commandLine = new CommandLine(top);
    commandLine.setUsageHelpAutoWidth(true);
    commandLine.setExecutionExceptionHandler(
        (failure, command, result) -> {
          command.getErr().println("troupe: " + message(failure));
          if (top.stacktrace) {
            failure.printStackTrace(command.getErr());
          }
          command.getErr().flush();
          return ExitCode.FAILED;
        });
    return commandLine;
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    spec.commandLine().usage(out);
    out.flush();
  }

  /** {@code troupe 0.1.0 (Java 17.0.15)}. */
  static final class VersionProvider implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"troupe " + Version.NUMBER + " (Java " + Runtime.version() + ")"};
    }
  }
}
