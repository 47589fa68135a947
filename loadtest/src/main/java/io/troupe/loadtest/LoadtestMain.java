package io.troupe.loadtest;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program {@code troupe-load}. */
@Command(
    name = "troupe-load",
    mixinStandardHelpOptions = true,
    version = "troupe-load 0.1.0",
    description = "Checks and measures MQTT brokers of any make.",
    subcommands = {
      RunCommand.class,
      CheckCommand.class,
      CampaignCommand.class,
      SoakCommand.class,
      CompareCommand.class,
      OverloadCommand.class
    })
public final class LoadtestMain {
  private LoadtestMain() {}

  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /**
   * Runs a command line in this process.
   *
   * @return 0 if all went well, 1 if promises were broken, 2 for a wrong command line
   */
  static int execute(String... args) {
    // Neither its log lines nor its samples of who took a buffer are wanted while measuring.
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    return new CommandLine(new LoadtestMain())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }
}
