package io.troupe.http.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.troupe.broker.store.BackupException;
import io.troupe.broker.store.StoreCheckpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where {@code troupe backup} asks a running broker for a checkpoint of its store: a socket in the
 * data folder, which only the broker's user can reach.
 *
 * <pre>
 * command                        broker
 * checkpoint              →
 *                         ←      at COMMIT FOLDER        or  refused REASON
 * (copies the folder)
 * (ends its side)                removes the folder, closes
 * </pre>
 *
 * <p>So a command that dies leaves nothing, and a broker that dies leaves the folder to the command
 * until its next start.
 */
final class BackupSocket implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackupSocket.class);
  private static final String FILE = "backup.sock";
  private static final String REQUEST = "checkpoint";
  private static final String GRANTED = "at ";
  private static final String REFUSED = "refused ";
  private static final int CONNECTIONS_MAX = 4;

  /** What gives the checkpoints. */
  interface Source {
    StoreCheckpoint checkpoint() throws BackupException;
  }

  private final ServerSocketChannel server;
  private final Path file;
  private final Source source;

  /** Each of its threads sees to one command. */
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0, CONNECTIONS_MAX, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), BackupSocket::thread);

  private BackupSocket(ServerSocketChannel server, Path file, Source source) {
    this.server = server;
    this.file = file;
    this.source = source;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "backup");
    thread.setDaemon(true);
    return thread;
  }

  /** Listens in a data folder that this process owns. */
  static BackupSocket open(Path dataDir, Source source) throws IOException {
    Path file = dataDir.resolve(FILE);
    Files.deleteIfExists(file); // of a broker that was killed
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(file));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    BackupSocket socket = new BackupSocket(server, file, source);
    thread(socket::accept).start();
    return socket;
  }

  private void accept() {
    while (server.isOpen()) {
      try {
        SocketChannel command = server.accept();
        try {
          threads.execute(() -> serve(command));
        } catch (RejectedExecutionException e) {
          command.close();
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        LOG.warn("Backups cannot be asked for any more", e);
        return;
      }
    }
  }

  private void serve(SocketChannel command) {
    try (command;
        BufferedReader in = new BufferedReader(Channels.newReader(command, UTF_8))) {
      if (!REQUEST.equals(in.readLine())) {
        send(command, REFUSED + "the command is of another version than the broker");
        return;
      }
      try (StoreCheckpoint checkpoint = source.checkpoint()) {
        LOG.info("A backup is being taken, up to commit {}", checkpoint.commit());
        send(command, GRANTED + checkpoint.commit() + " " + checkpoint.folder());
        String rest = in.readLine(); // null: the command is done
        LOG.debug("the command ended with {}", rest);
      } catch (BackupException e) {
        LOG.warn("A backup was refused: {}", e.getMessage());
        send(command, REFUSED + String.valueOf(e.getMessage()).replace('\n', ' '));
      }
    } catch (IOException e) {
      LOG.debug("the command that asked for a backup has gone", e);
    }
  }

  private static void send(SocketChannel to, String line) throws IOException {
    ByteBuffer bytes = UTF_8.encode(line + "\n");
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** A command that copies a checkpoint may finish: the folder stays until the next start. */
  @Override
  public void close() throws IOException {
    server.close();
    Files.deleteIfExists(file);
  }

  /**
   * The command's side: asks the broker of a data folder.
   *
   * @return to be closed when the folder has been copied
   * @throws BackupException when no broker runs there, or it refuses
   */
  static StoreCheckpoint ask(Path dataDir) throws BackupException {
    Path file = dataDir.resolve(FILE);
    SocketChannel broker = null;
    try {
      broker = SocketChannel.open(UnixDomainSocketAddress.of(file));
      send(broker, REQUEST);
      BufferedReader in = new BufferedReader(Channels.newReader(broker, UTF_8));
      String answer = in.readLine();
      if (answer != null && answer.startsWith(GRANTED)) {
        String[] parts = answer.substring(GRANTED.length()).split(" ", 2);
        SocketChannel held = broker;
        return new StoreCheckpoint(
            Path.of(parts[1]), Long.parseLong(parts[0]), () -> letGo(held, in));
      }
      closeQuietly(broker);
      throw new BackupException(
          answer != null && answer.startsWith(REFUSED)
              ? answer.substring(REFUSED.length())
              : "the broker ended before it answered",
          null);
    } catch (IOException e) {
      closeQuietly(broker);
      throw new BackupException(
          "no broker with an embedded store that this user may reach runs with the data folder "
              + dataDir
              + " ("
              + file
              + ": "
              + e.getMessage()
              + "). Name its folder with --data. The data of a broker that is stopped can be copied"
              + " as it is.",
          e);
    }
  }

  /** Returns when the broker has removed the folder, so that the next backup is not refused. */
  private static void letGo(SocketChannel broker, BufferedReader in) {
    try (broker) {
      broker.shutdownOutput();
      String rest = in.readLine();
      LOG.debug("the broker ended with {}", rest);
    } catch (IOException e) {
      LOG.debug("the broker has gone", e);
    }
  }

  private static void closeQuietly(@Nullable SocketChannel channel) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      LOG.debug("already closed", e);
    }
  }
}
