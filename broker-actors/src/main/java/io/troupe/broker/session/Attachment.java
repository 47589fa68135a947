package io.troupe.broker.session;

import io.troupe.broker.connection.ConnectionPort;
import io.troupe.broker.directory.ClientRecord;
import io.troupe.broker.metrics.SessionChange;
import io.troupe.broker.session.ClientSessionActor.Attach;
import io.troupe.broker.session.ClientSessionActor.Command;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.Delivery;
import io.troupe.protocol.session.SessionState;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is attached: CONNECT, takeover, loss of the connection, deadlines while there is none.
 *
 * <pre>
 *   Attach -> (detach the earlier connection) -> (publish a will that is not cancelled)
 *          -> directory stores "connected" -> Attached is stored
 *          -> partitions know the session is online -> CONNACK -> unacknowledged messages -> queues
 * </pre>
 */
final class Attachment {
  /** Shorter than the listener's limit for CONNECT, so that the client is told why. */
  static final Duration ANSWERS_WITHIN = Duration.ofSeconds(8);

  /** A connection that was taken over says within this time whether its will is due. */
  private static final Duration DETACHES_WITHIN = Duration.ofSeconds(1);

  private static final Duration WILL_RETRY = Duration.ofSeconds(1);

  /** The directory repeats a deadline after this while a will is still being published. */
  private static final long WILL_UNDER_WAY_MILLIS = 5_000;

  private final SessionShell shell;

  /** Who waits for CONNACK. */
  private @Nullable Attach attaching;

  private final DirectoryEntry directory;

  /** What {@link #attaching} has asked of the directory; 0: nothing. */
  private long directoryRequest;

  /** Whose connection is attached; the port is null if it closed before that was known. */
  private @Nullable Attach attached;

  private @Nullable ConnectionPort port;
  private boolean present;
  private boolean ready;

  /** Whether the connection was told that it is taken over, and has not answered. */
  private boolean takenOver;

  private Set<String> awaiting = Collections.emptySet();

  private @Nullable String lastTopic;
  private boolean lastAllowed;

  Attachment(SessionShell shell) {
    this.shell = shell;
    this.directory = new DirectoryEntry(shell);
  }

  /** The connection that messages go to, or null. */
  @Nullable ConnectionPort connection() {
    return port;
  }

  boolean isAttached(long connectionId) {
    return attached != null && attached.connectionId() == connectionId;
  }

  @Nullable Attach attached() {
    return attached;
  }

  /** Whether the client takes a PUBLISH of this size (MQTT-3.1.2-24). */
  boolean fits(Message message, Delivery delivery) {
    return attached == null
        || attached.maximumPacketSize() == Connect.NO_LIMIT
        || SessionEffects.encodedLength(message, delivery) <= attached.maximumPacketSize();
  }

  /** Rights count at the time of delivery: what was found out is kept for one command only. */
  void forgetRights() {
    lastTopic = null;
  }

  boolean mayReceive(String topic) {
    Attach client = attached;
    if (client == null) {
      return true;
    }
    if (!topic.equals(lastTopic)) {
      lastTopic = topic;
      lastAllowed = shell.surroundings.mayReceive(shell.clientId, client.username(), topic);
    }
    return lastAllowed;
  }

  boolean handle(Command command) {
    if (command instanceof Attach attach) {
      onAttach(attach);
    } else if (command instanceof ClientSessionActor.GoOnAttaching go) {
      if (attaching != null && attaching.connectionId() == go.connectionId()) {
        goOn(attaching);
      }
    } else if (command instanceof ClientSessionActor.DirectoryStored stored) {
      onDirectoryStored(stored);
    } else if (command instanceof ClientSessionActor.RepeatDirectory) {
      directory.repeat();
    } else if (command instanceof ClientSessionActor.AnswersOverdue overdue) {
      onAnswersOverdue(overdue.connectionId());
    } else if (command instanceof ClientSessionActor.Detach detach) {
      onDetach(detach);
    } else if (command instanceof ClientSessionActor.DetachOverdue overdue) {
      if (isAttached(overdue.connectionId()) && takenOver) {
        detachEarlier(true, -1);
      }
    } else if (command instanceof ClientSessionActor.Wake wake) {
      onWake(wake);
    } else if (command instanceof ClientSessionActor.WillDone done) {
      onWillDone(done);
    } else if (command instanceof ClientSessionActor.Idle) {
      onIdle();
    } else {
      return false;
    }
    return true;
  }

  private void onAttach(Attach attach) {
    if (shell.isPassivating()) {
      shell.after(() -> shell.leaveToNext(attach));
      return;
    }
    if (attaching != null) {
      giveUp(attaching, ReasonCode.SERVER_BUSY);
    }
    shell.timers.cancel(new ClientSessionActor.Idle());
    shell.timers.startSingleTimer(overdue(attach), ANSWERS_WITHIN);
    attaching = attach;
    directoryRequest = 0;
    if (attached != null) {
      takeOver(attached.connectionId(), port);
    } else if (!shell.state().connectedTo().isEmpty()) {
      closeEarlier(shell.state());
      shell.session().connectionLost(lostAt());
      shell.after(
          () -> shell.tellSelf(new ClientSessionActor.GoOnAttaching(attach.connectionId())));
    } else {
      goOn(attach);
    }
  }

  /** The connection of an earlier incarnation of this actor, if it has not closed yet (I6). */
  private void closeEarlier(SessionState state) {
    connection(state.connectedTo(), state.connectionId())
        .ifPresent(old -> shell.after(() -> old.close(ReasonCode.SESSION_TAKEN_OVER)));
  }

  /**
   * Closes the connection that is attached. One with a will may have a DISCONNECT at hand that
   * discards it: its client has said goodbye and come back, by a thread that was faster.
   */
  private void takeOver(long earlier, @Nullable ConnectionPort old) {
    if (takenOver) {
      return; // for one that did not wait
    }
    if (old != null) {
      shell.after(() -> old.close(ReasonCode.SESSION_TAKEN_OVER));
    }
    shell.surroundings.metrics().sessionChanged(SessionChange.TAKEN_OVER);
    if (old != null && ready && shell.state().will().isPresent()) {
      takenOver = true;
      shell.timers.startSingleTimer(new ClientSessionActor.DetachOverdue(earlier), DETACHES_WITHIN);
    } else {
      detachEarlier(true, -1);
    }
  }

  /** The connection that was attached is gone; the one that waits for CONNACK goes on. */
  private void detachEarlier(boolean withWill, long newExpirySeconds) {
    Attach waiting = attaching;
    boolean resumed = waiting != null && !waiting.cleanStart() && shell.state().expirySeconds() > 0;
    detach(withWill, newExpirySeconds, resumed, shell.nowMillis());
    if (waiting != null) {
      shell.after(
          () -> shell.tellSelf(new ClientSessionActor.GoOnAttaching(waiting.connectionId())));
    }
  }

  private static ClientSessionActor.AnswersOverdue overdue(Attach attach) {
    return new ClientSessionActor.AnswersOverdue(attach.connectionId());
  }

  /** The session cannot be read. */
  void notRecovered(Attach waiting) {
    connection(waiting).ifPresent(client -> client.refused(ReasonCode.SERVER_UNAVAILABLE));
  }

  /** The client that waits for CONNACK does not get one (CONNACK cannot say "taken over"). */
  private void giveUp(Attach waiting, ReasonCode reason) {
    shell.timers.cancel(overdue(waiting));
    connection(waiting).ifPresent(connection -> shell.after(() -> connection.refused(reason)));
  }

  /** Nobody waits for CONNACK any more: the directory is told. */
  private void abandonAttaching() {
    attaching = null;
    directoryRequest = 0;
    if (attached == null) {
      shell.after(this::afterDetach);
    }
  }

  private void goOn(Attach attach) {
    if (!shell.session().prepareAttach(attach.cleanStart())) {
      return; // goes on when the will is published
    }
    if (directoryRequest != 0) {
      return;
    }
    // also while an earlier session is stored: after a crash the directory wakes what is left of it
    if (attach.expirySeconds() > 0 || attach.will() != null || shell.isJournaled()) {
      directoryRequest = directory.put(connected(attach));
    } else {
      attachNow(attach);
    }
  }

  private ClientRecord connected(Attach attach) {
    return new ClientRecord(shell.clientId, attach.node(), SessionState.NEVER);
  }

  private Optional<ConnectionPort> connection(Attach attach) {
    return connection(attach.node(), attach.connectionId());
  }

  private Optional<ConnectionPort> connection(String node, long connectionId) {
    return shell.surroundings.connection(
        node, connectionId, shell.clientId, shell.context.getSelf());
  }

  private void onDirectoryStored(ClientSessionActor.DirectoryStored stored) {
    directory.stored(stored.requestId());
    Attach waiting = attaching;
    if (waiting == null || stored.requestId() != directoryRequest) {
      return;
    }
    directoryRequest = 0;
    if (stored.full()) {
      giveUp(waiting, ReasonCode.QUOTA_EXCEEDED);
      abandonAttaching();
    } else {
      attachNow(waiting);
    }
  }

  private void attachNow(Attach attach) {
    if (!shell.session().prepareAttach(attach.cleanStart())) {
      return; // its delay has passed meanwhile
    }
    boolean resumes = shell.session().isPresent(attach.cleanStart());
    shell.setDurable(attach.expirySeconds() > 0 || (resumes && shell.isDurable()));
    present =
        shell
            .session()
            .attach(
                attach.cleanStart(),
                attach.expirySeconds(),
                attach.will(),
                attach.username(),
                attach.node(),
                attach.connectionId());
    shell
        .surroundings
        .metrics()
        .sessionChanged(present ? SessionChange.RESUMED : SessionChange.CREATED);
    attached = attach;
    ready = false;
    shell.after(() -> announce(attach));
  }

  /**
   * The session is attached and stored; partitions must know before CONNACK, so that QoS 0 is
   * missed no more.
   */
  private void announce(Attach attach) {
    attaching = null;
    port = connection(attach).orElse(null);
    if (port == null) {
      shell.tellSelf(new ClientSessionActor.Detach(attach.connectionId(), true, -1));
      return;
    }
    shell.session().outbound().attach(shell.isDurable(), attach.receiveMaximum());
    awaiting = shell.state().subscriptionCount() == 0 ? Collections.emptySet() : new HashSet<>();
    for (SessionState.Entry entry : shell.state().subscriptions()) {
      awaiting.add(entry.subscription().filter().text());
      shell.subscriptions().announce(entry);
    }
    if (awaiting.isEmpty()) {
      complete(attach);
    }
  }

  /** Whether CONNACK waits for the partition of this filter to know that the session is online. */
  boolean awaits(String filter) {
    return awaiting.contains(filter);
  }

  /** A partition knows that the session is online; true if that was awaited here. */
  boolean onEffective(String filter) {
    if (!awaiting.remove(filter)) {
      return false;
    }
    Attach client = attached;
    if (awaiting.isEmpty() && client != null) {
      shell.after(() -> complete(client));
    }
    return true;
  }

  /** A partition cannot have the session online; true if that was awaited here. */
  boolean onFailed(String filter) {
    if (!awaiting.contains(filter)) {
      return false;
    }
    if (attached != null) {
      onAnswersOverdue(attached.connectionId());
    }
    return true;
  }

  private void onAnswersOverdue(long connectionId) {
    ConnectionPort connection = port;
    if (attaching != null && attaching.connectionId() == connectionId) {
      giveUp(attaching, ReasonCode.SERVER_UNAVAILABLE);
      abandonAttaching();
    } else if (!ready && isAttached(connectionId) && connection != null) {
      shell.after(() -> connection.refused(ReasonCode.SERVER_UNAVAILABLE));
    }
  }

  /** Nothing was sent before: what the client gets follows its CONNACK. */
  private void complete(Attach attach) {
    ConnectionPort connection = port;
    if (connection == null) {
      return;
    }
    shell.timers.cancel(overdue(attach));
    awaiting = Collections.emptySet();
    ready = true;
    connection.attached(present);
    shell.session().outbound().start();
    shell.tellSelf(new ClientSessionActor.Pump());
  }

  private void onDetach(ClientSessionActor.Detach command) {
    Attach waiting = attaching;
    if (isAttached(command.connectionId())) {
      detachEarlier(command.withWill(), command.newExpirySeconds());
    } else if (waiting != null && waiting.connectionId() == command.connectionId()) {
      shell.timers.cancel(overdue(waiting));
      abandonAttaching();
    } else if (attached == null
        && waiting == null
        && shell.state().connectionId() == command.connectionId()) {
      // it was attached to an earlier incarnation of this actor
      shell
          .session()
          .detach(command.withWill(), command.newExpirySeconds(), false, shell.nowMillis());
      shell.subscriptions().lost();
      shell.after(this::afterDetach);
    }
  }

  private void detach(boolean withWill, long newExpirySeconds, boolean resumed, long atMillis) {
    if (attached != null) {
      shell.timers.cancel(overdue(attached));
      shell.timers.cancel(new ClientSessionActor.DetachOverdue(attached.connectionId()));
    }
    takenOver = false;
    attached = null;
    if (port != null) {
      port.released();
    }
    port = null;
    ready = false;
    awaiting.clear();
    shell.subscriptions().disconnected();
    long expiry = newExpirySeconds >= 0 ? newExpirySeconds : shell.state().expirySeconds();
    shell.session().detach(withWill, newExpirySeconds, resumed, atMillis);
    if (expiry > 0) {
      shell.subscriptions().offline();
    }
    if (attaching == null) {
      shell.after(this::afterDetach);
    }
  }

  /** Leaves the deadlines to the directory, or nothing at all. */
  private void afterDetach() {
    SessionState state = shell.state();
    if (attached != null || attaching != null) {
      return;
    }
    if (!state.exists()) {
      // while something of it is stored it stays there, so that a node that starts after a crash
      // wakes it to be forgotten
      if (!shell.leavesTraces()) {
        directory.remove();
      }
      shell.passivate();
      return;
    }
    long wakeAt = shell.session().nextWakeMillis();
    if (shell.session().isWillUnderWay()) {
      wakeAt = Math.max(wakeAt, shell.nowMillis() + WILL_UNDER_WAY_MILLIS);
    }
    directory.put(new ClientRecord(shell.clientId, state.connectedTo(), wakeAt));
    shell.idleSoon();
  }

  private void onWake(ClientSessionActor.Wake wake) {
    Attach waiting = attaching;
    if (waiting != null) {
      if (attached == null && directoryRequest == 0) {
        goOn(waiting);
      }
      return;
    }
    if (attached != null) {
      directory.put(connected(attached));
      return;
    }
    SessionState state = shell.state();
    if (!state.connectedTo().isEmpty()) {
      boolean known = wake.lostAtMillis() > 0 && wake.lostIncarnation().equals(state.connectedTo());
      shell.session().connectionLost(known ? wake.lostAtMillis() : lostAt());
      shell.subscriptions().lost();
      shell.after(() -> shell.tellSelf(new ClientSessionActor.Wake(shell.clientId, "", 0)));
      return;
    }
    boolean existed = state.exists() && shell.nowMillis() >= state.expiresAtMillis();
    shell.session().wake();
    shell.after(
        () -> {
          if (existed && !state.exists()) {
            shell.surroundings.metrics().sessionChanged(SessionChange.EXPIRED);
          }
          afterDetach();
        });
  }

  /**
   * When the connection of an earlier incarnation of this actor was lost. As that one has stopped,
   * the connection is closed, or its node is gone.
   */
  private long lostAt() {
    return shell.surroundings.lastAliveMillis(shell.state().connectedTo());
  }

  /**
   * A will that a full queue refuses is dropped, and counted there: its publisher is not here to be
   * told, and must not wait for CONNACK until there is room.
   */
  private void onWillDone(ClientSessionActor.WillDone done) {
    if (done.result().isError() && done.result() != ReasonCode.QUOTA_EXCEEDED) {
      shell.session().willFailed(done.sequence());
      shell.timers.startSingleTimer(new ClientSessionActor.Wake(shell.clientId, "", 0), WILL_RETRY);
      return;
    }
    shell.session().willPublished(done.sequence());
    Attach waiting = attaching;
    if (waiting != null) {
      shell.after(
          () -> shell.tellSelf(new ClientSessionActor.GoOnAttaching(waiting.connectionId())));
    } else if (attached == null) {
      shell.after(this::afterDetach);
    }
  }

  private void onIdle() {
    if (attached != null || attaching != null) {
      return;
    }
    if (shell.session().isWillUnderWay()
        || !shell.state().connectedTo().isEmpty()
        || !directory.isStored()) {
      shell.idleSoon();
    } else {
      shell.passivate();
    }
  }

  /** The actor ends. */
  void stopped() {
    if (port != null) {
      port.close(ReasonCode.SERVER_UNAVAILABLE);
    }
    if (attaching != null) {
      connection(attaching).ifPresent(c -> c.refused(ReasonCode.SERVER_UNAVAILABLE));
    }
  }
}
