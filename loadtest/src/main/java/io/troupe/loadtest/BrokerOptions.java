package io.troupe.loadtest;

import io.troupe.loadtest.wire.ConnectSpec.Credentials;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How to reach a running broker. */
final class BrokerOptions {
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  @Option(
      names = "--host",
      defaultValue = "127.0.0.1",
      description = "Of a running broker; default ${DEFAULT-VALUE}.")
  private String host = "127.0.0.1";

  @Option(
      names = "--port",
      defaultValue = "1883",
      description = "Its port; default ${DEFAULT-VALUE}.")
  private int port;

  @Option(names = "--user", description = "User name of all clients.")
  private @Nullable String user;

  @Option(names = "--password", description = "Password of all clients.")
  private String password = "";

  /**
   * @throws ParameterException if there is no such host or port
   */
  InetSocketAddress address() {
    if (port < 1 || port > 65_535) {
      throw refused("--port is 1 to 65535, not " + port);
    }
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw refused("--host: no address is known for " + host);
    }
    return address;
  }

  @Nullable Credentials credentials() {
    return user == null ? null : new Credentials(user, password);
  }

  private ParameterException refused(String reason) {
    if (command == null) {
      throw new IllegalStateException("not run by picocli");
    }
    return new ParameterException(command.commandLine(), reason);
  }
}
