package io.troupe.http.command;

import io.troupe.broker.config.BrokerConfig;
import io.troupe.broker.config.HttpConfig;
import io.troupe.broker.config.ListenerConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * What can be found out before anything starts, so that common mistakes are told at once and not
 * after seconds of starting and stopping. The real start checks again.
 */
final class Preflight {
  private static final int PRIVILEGED = 1024;

  private Preflight() {}

  /** Makes the folder for its owner only, or checks the one that is there. */
  static void dataFolder(Path folder) throws StartFailure {
    String advice = "; choose another data folder with --data or troupe.data-dir";
    try {
      if (!Files.exists(folder)) {
        Files.createDirectories(
            folder,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      }
    } catch (IOException e) {
      throw new StartFailure(
          "the data folder " + folder + " cannot be made (" + reason(e) + ")" + advice, e);
    }
    if (!Files.isDirectory(folder)) {
      throw new StartFailure("the data folder " + folder + " is a file" + advice, null);
    }
    RestoredFolder.check(folder);
    if (!Files.isWritable(folder)) {
      String user = System.getProperty("user.name");
      throw new StartFailure(
          "the data folder " + folder + " is not writable by user " + user + advice, null);
    }
  }

  private static String reason(IOException failure) {
    String kind = failure.getClass().getSimpleName().replace("Exception", "");
    return kind + ": " + failure.getMessage();
  }

  /** Binds and lets go every port that a person chose. */
  static void ports(BrokerConfig config) throws StartFailure {
    for (ListenerConfig listener : config.listeners()) {
      String name = listener.name();
      port("listener " + name, listener.address(), StartFailure.portAdvice(name));
    }
    HttpConfig http = config.http();
    if (http.enabled()) {
      port(
          "http",
          new InetSocketAddress(http.bind(), http.port()),
          "Choose another port with --http-port or troupe.http.port");
    }
  }

  private static void port(String what, InetSocketAddress address, String advice)
      throws StartFailure {
    if (address.getPort() == 0) {
      return;
    }
    try (ServerSocket socket = new ServerSocket()) {
      // As the listener does: connections of an earlier broker that linger are no hindrance.
      socket.setReuseAddress(true);
      socket.bind(address);
    } catch (IOException e) {
      String problem = String.valueOf(e.getMessage());
      String why =
          problem.contains("in use")
              ? "another program uses this port"
              : address.getPort() < PRIVILEGED && problem.contains("ermission")
                  ? "ports below 1024 need a privilege (CAP_NET_BIND_SERVICE)"
                  : problem;
      throw new StartFailure(
          what + " cannot bind " + StartReport.text(address) + ": " + why + ". " + advice, e);
    }
  }
}
