package io.troupe.broker.cluster;

import akka.actor.ActorSystem;
import akka.remote.artery.tcp.SSLEngineProvider;
import com.typesafe.config.Config;
import io.troupe.protocol.transport.MutualTls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * TLS between nodes, each showing a certificate. Files that have changed count from the next
 * connection on; while they do not fit together, as when only one of them has been replaced, what
 * was read before goes on.
 *
 * <p>Akka makes it, by its name. Thread-safe.
 */
public final class NodeTls implements SSLEngineProvider {
  private static final Logger LOG = LoggerFactory.getLogger(NodeTls.class);

  private final MutualTls files;
  private SSLContext context;
  private List<FileTime> times;

  /** With the files of {@code troupe.cluster.tls}, which have been checked. */
  public NodeTls(ActorSystem system) throws IOException, GeneralSecurityException {
    Config tls = system.settings().config().getConfig("troupe.cluster.tls");
    files =
        new MutualTls(
            Path.of(tls.getString("certificate-chain")),
            Path.of(tls.getString("private-key")),
            Path.of(tls.getString("ca")));
    times = times();
    context = files.context();
  }

  private List<FileTime> times() throws IOException {
    List<FileTime> now = new ArrayList<>();
    for (Path file : List.of(files.certificateChain(), files.privateKey(), files.authorities())) {
      now.add(Files.getLastModifiedTime(file));
    }
    return now;
  }

  private synchronized SSLContext current() {
    try {
      List<FileTime> now = times();
      if (!now.equals(times)) {
        context = files.context();
        times = now;
        LOG.info("Connections to other nodes use the new certificate {}", files.certificateChain());
      }
    } catch (IOException | GeneralSecurityException e) {
      LOG.warn("The new certificate for other nodes cannot be used; the old one is", e);
    }
    return context;
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    return MutualTls.engine(current(), false);
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    return MutualTls.engine(current(), true);
  }

  /** All that is asked of a node is a certificate of the authorities. */
  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return Option.empty();
  }

  /** As {@link #verifyClientSession}. */
  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return Option.empty();
  }
}
