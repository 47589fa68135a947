package io.troupe.broker.connection;

import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.transport.ConnectionHandler;
import io.troupe.protocol.transport.MqttConnection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection, a plain object on its event loop. The session actor reaches it through
 * {@link ConnectionPort} from any thread; those calls go through the loop's {@link OutboundQueue}.
 *
 * <pre>
 *   EXPECT_CONNECT -> CONNECTING (authentication, then the session) -> CONNECTED -> CLOSED
 * </pre>
 *
 * While CONNECTING nothing is read, so packets sent behind CONNECT wait (MQTT-3.1.4-6).
 */
final class ClientConnection implements ConnectionHandler, ConnectionPort {
  private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

  /** Where the connection stands. */
  enum State {
    EXPECT_CONNECT,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  private record Attached(boolean sessionPresent, String node) {}

  private record NodeLost(String node) {}

  private enum AcknowledgeNow {
    INSTANCE
  }

  private record Refused(ReasonCode reason) {}

  private record Close(ReasonCode reason) {}

  /** The session has done enough of its work to get more. */
  private record CaughtUp() {}

  private record Admitted(List<InboundFlow.Admission> admissions, long settledBelow) {}

  private final MqttConnection mqtt;
  private final ConnectionSurroundings surroundings;
  private final Connections connections;
  private final OutboundQueue outbound;
  private final long id;
  private final ConnectionQuota.Slot slot;
  private final AtomicInteger queuedBytes = new AtomicInteger();
  private volatile boolean writable = true;

  private State state = State.EXPECT_CONNECT;
  private boolean touched;
  private boolean acknowledgesLater;
  private final long openedNanos = System.nanoTime();
  private final KeepAlive keepAlive = new KeepAlive(this);
  private final Ending ending;
  private final Pauses pauses;

  // known after CONNECT
  private @Nullable Handshake handshake;

  /** Incarnation of the other node that the session is on; empty: this one. */
  private String sessionNode = "";

  // made when the first message comes or goes: most clients only do one or the other
  private @Nullable PublishFlow publishes;
  private @Nullable PublishWriter writer;

  // made when there is something to hold against the client
  private @Nullable UnreadAnswers unread;

  private @Nullable SessionRequests requests;
  private boolean explains;

  ClientConnection(
      long id,
      MqttConnection mqtt,
      ConnectionSurroundings surroundings,
      Connections connections,
      ConnectionQuota.Slot slot) {
    this.id = id;
    this.mqtt = mqtt;
    this.surroundings = surroundings;
    this.connections = connections;
    this.outbound = connections.loop(mqtt.eventLoop()).outbound();
    this.slot = slot;
    this.ending = new Ending(this, surroundings);
    this.pauses = new Pauses(mqtt, surroundings.metrics());
  }

  /** Credentials were accepted: the connection no longer counts as unauthenticated. */
  void authenticated() {
    slot.authenticated();
  }

  // What the transport says, on the event loop

  @Override
  public void onPacket(Packet packet) {
    surroundings.metrics().packetReceived(packet.type());
    if (state == State.CONNECTED) {
      onConnectedPacket(packet);
    } else if (state == State.EXPECT_CONNECT && packet instanceof Connect connect) {
      onConnect(connect);
    } else if (state != State.CLOSED) {
      // the first packet must be CONNECT (MQTT-3.1.0-1)
      ending.end(DisconnectReason.PROTOCOL_ERROR, null);
    }
  }

  private void onConnectedPacket(Packet packet) {
    SessionRequests others = requests;
    if (others == null) {
      return;
    }
    if (packet instanceof Publish publish) {
      publishes().onPublish(publish);
    } else if (others.take(packet)) {
      return;
    } else if (packet instanceof Pingreq) {
      write(Pingresp.INSTANCE);
    } else if (packet instanceof Disconnect disconnect) {
      ending.onDisconnect(disconnect);
    } else if (packet instanceof Auth) {
      // AUTH only if CONNECT named an authentication method (MQTT-4.12.0-6)
      close(ReasonCode.PROTOCOL_ERROR, "AUTH without an authentication method");
    } else {
      // a second CONNECT (MQTT-3.1.0-2)
      close(ReasonCode.PROTOCOL_ERROR, "a second CONNECT");
    }
  }

  private PublishFlow publishes() {
    PublishFlow flow = publishes;
    if (flow == null) {
      flow = new PublishFlow(this, client(), surroundings, connections.loop(mqtt.eventLoop()));
      publishes = flow;
    }
    return flow;
  }

  private PublishWriter writer() {
    PublishWriter made = writer;
    if (made == null) {
      FrameCache frames = connections.loop(mqtt.eventLoop()).frames();
      made = new PublishWriter(mqtt, client().connect(), surroundings, frames);
      writer = made;
    }
    return made;
  }

  @Override
  public void onReadComplete() {
    keepAlive.heard();
    if (state == State.CONNECTED) {
      sendGathered();
    }
  }

  /** Sends the session what this socket read has for it. */
  void sendGathered() {
    if (requests != null) {
      requests.sendAcks();
    }
    if (publishes != null) {
      publishes.sendAdmissions();
    }
  }

  @Override
  public void onProtocolViolation(ProtocolViolation violation) {
    ending.onViolation(violation);
  }

  @Override
  public void onWritabilityChanged(boolean nowWritable) {
    writable = nowWritable;
    if (nowWritable && unread != null) {
      unread.writable();
    }
  }

  @Override
  public void onClosed() {
    State before = state;
    state = State.CLOSED;
    connections.remove(this);
    slot.close();
    pauses.closed();
    ending.onClosed(before);
  }

  // CONNECT

  private void onConnect(Connect connect) {
    state = State.CONNECTING;
    pause(Pauses.CONNECTING);
    Handshake client = new Handshake(this, connect, surroundings);
    handshake = client;
    ReasonCode refusal = slot.connect();
    if (refusal != null) {
      refuse(refusal, "the server takes no more connections now");
    } else {
      client.start();
    }
  }

  private void onAttached(boolean sessionPresent) {
    Handshake client = handshake;
    if (state != State.CONNECTING || client == null) {
      return;
    }
    Connect connect = client.connect();
    mqtt.connected(connect.version(), surroundings.mqtt().maximumPacketSize());
    state = State.CONNECTED;
    slot.accepted();
    explains = connect.version().isV5() && connect.requestProblemInformation();
    requests = new SessionRequests(this, client, surroundings);
    surroundings.metrics().connectionOpened(mqtt.transport(), connect.version());
    writeConnack(Connacks.accepted(client, surroundings.mqtt(), sessionPresent));
    touch();
    keepAlive.start(client.keepAliveSeconds());
    resume(Pauses.CONNECTING);
    LOG.debug("{} connected, session present {}", this, sessionPresent);
  }

  /** Not flushed. */
  void writeConnack(Connack connack) {
    surroundings.metrics().connack(connack.reason(), System.nanoTime() - openedNanos);
    mqtt.write(connack);
    surroundings.metrics().packetSent(connack.type());
  }

  // What the session says, from any thread

  @Override
  public long id() {
    return id;
  }

  @Override
  public void attached(boolean sessionPresent) {
    outbound.add(this, new Attached(sessionPresent, ""));
  }

  /** Comes back when this node may acknowledge. */
  void acknowledgeLater() {
    if (!acknowledgesLater) {
      acknowledgesLater = true;
      outbound.add(this, AcknowledgeNow.INSTANCE);
    }
  }

  /** The session is attached, on another node. */
  void attachedOn(String node, boolean sessionPresent) {
    outbound.add(this, new Attached(sessionPresent, node));
  }

  /** That node is out of reach: the connection cannot stay without its session. */
  void lost(String node) {
    outbound.add(this, new NodeLost(node));
  }

  @Override
  public void refused(ReasonCode code) {
    outbound.add(this, new Refused(code));
  }

  @Override
  public void deliver(OutboundBatch batch) {
    queuedBytes.addAndGet(batch.sizeBytes());
    outbound.add(this, batch);
  }

  @Override
  public void send(Packet packet) {
    outbound.add(this, packet);
  }

  @Override
  public void admitted(List<InboundFlow.Admission> admissions, long settledBelow) {
    outbound.add(this, new Admitted(admissions, settledBelow));
  }

  @Override
  public void handled(int acknowledgements) {
    SessionRequests asked = requests;
    if (asked != null && asked.done(acknowledgements)) {
      outbound.add(this, new CaughtUp());
    }
  }

  @Override
  public void close(ReasonCode code) {
    outbound.add(this, new Close(code));
  }

  @Override
  public boolean isCongested() {
    return !writable || queuedBytes.get() > surroundings.session().pendingBytesMax();
  }

  /**
   * On the event loop: what {@link OutboundQueue} held for this connection. A failure is this
   * connection's alone.
   */
  void output(Object content) {
    try {
      perform(content);
    } catch (RuntimeException e) {
      LOG.error("{} failed and is closed", this, e);
      ending.abort(DisconnectReason.INTERNAL_ERROR);
    }
  }

  private void perform(Object content) {
    if (content instanceof OutboundBatch batch) {
      queuedBytes.addAndGet(-batch.sizeBytes());
      batch.taken();
      if (state == State.CONNECTED) {
        writer().write(batch);
        touch();
      }
    } else if (content instanceof Packet packet) {
      writeExplained(packet);
      if (packet instanceof Pubcomp pubcomp && publishes != null) {
        publishes.completed(pubcomp.packetId());
      } else {
        handled(SessionRequests.filters(packet) * SessionWork.FILTER);
      }
    } else if (content instanceof Admitted admitted) {
      if (publishes != null && state == State.CONNECTED) {
        publishes.onAdmitted(admitted.admissions, admitted.settledBelow);
      }
    } else if (content instanceof Attached attached) {
      sessionNode = attached.node;
      onAttached(attached.sessionPresent);
    } else if (content instanceof CaughtUp) {
      resume(Pauses.SESSION);
    } else if (content instanceof Refused refused) {
      ending.refuseOrClose(refused.reason);
    } else if (content instanceof AcknowledgeNow) {
      acknowledgesLater = false;
      if (publishes != null && state == State.CONNECTED) {
        publishes.acknowledge();
      }
    } else if (content instanceof NodeLost lost) {
      if (lost.node.equals(sessionNode)) {
        close(ReasonCode.SERVER_UNAVAILABLE, "the node of the session is out of reach");
      }
    } else if (content instanceof Close closing) {
      onClose(closing.reason);
    } else {
      throw new AssertionError(content);
    }
  }

  /**
   * Of a client that has connected again, what has arrived is read first: it may have said goodbye,
   * so that no will is due.
   */
  private void onClose(ReasonCode reason) {
    if (reason == ReasonCode.SESSION_TAKEN_OVER && state == State.CONNECTED) {
      // a task that is due later runs after the loop has looked at its sockets
      mqtt()
          .eventLoop()
          .schedule(
              () -> {
                if (state == State.CONNECTED) {
                  close(reason, null);
                }
              },
              1,
              TimeUnit.NANOSECONDS);
    } else {
      close(reason, null);
    }
  }

  // What the parts of a connection share, on the event loop

  /** Closes with a reason; a 5.0 client is told (MQTT-4.13.2-1). */
  void close(ReasonCode code, @Nullable String detail) {
    ending.close(code, detail);
  }

  /** CONNACK with a failure, then the end. */
  void refuse(ReasonCode code, @Nullable String detail) {
    ending.refuse(code, detail);
  }

  void write(Packet packet) {
    if (state == State.CONNECTED) {
      mqtt.write(packet);
      surroundings.metrics().packetSent(packet.type());
      touch();
    }
  }

  /** Writes an acknowledgement, with a Reason String if it says no to a client that takes them. */
  void writeExplained(Packet acknowledgement) {
    write(explains ? ReasonText.explain(acknowledgement) : acknowledgement);
  }

  private void touch() {
    if (!touched) {
      touched = true;
      outbound.touch(this);
    }
  }

  void flushNow() {
    touched = false;
    mqtt.flush();
    if (!mqtt.isWritable()) {
      if (unread == null) {
        unread = new UnreadAnswers(this, ending, surroundings.session());
      }
      unread.flushed();
    }
  }

  /** Stops reading; whether it was not stopped for this reason already. */
  boolean pause(int why) {
    return !isClosed() && pauses.add(why);
  }

  void resume(int why) {
    if (pauses.remove(why)) {
      keepAlive.heard();
    }
  }

  /** The route of the message that waited has come. */
  void routed() {
    if (publishes != null) {
      publishes.onRouted();
    }
  }

  /** The sessions, or the store, that this connection waited for have caught up. */
  void caughtUp() {
    resume(Pauses.BEHIND);
  }

  void completed(Inbound in) {
    if (publishes != null && state == State.CONNECTED) {
      publishes.onCompleted(in);
    }
  }

  void tellSession(ClientSessionActor.Command command) {
    surroundings.tellSession(sessionNode, client().clientId(), command);
  }

  private Handshake client() {
    Handshake client = handshake;
    if (client == null) {
      throw new IllegalStateException("no CONNECT yet");
    }
    return client;
  }

  /** Whether the client can be told why a PUBLISH is refused. */
  boolean isV5() {
    return client().connect().version().isV5();
  }

  /** The client's side of the handshake, or null before CONNECT. */
  @Nullable Handshake handshake() {
    return handshake;
  }

  State state() {
    return state;
  }

  /** Refused: nothing that comes counts any more. */
  void takeNoMore() {
    state = State.CLOSED;
  }

  boolean isClosed() {
    return state == State.CLOSED;
  }

  Pauses pauses() {
    return pauses;
  }

  long nanoTime() {
    return surroundings.nanoTime();
  }

  MqttConnection mqtt() {
    return mqtt;
  }

  @Override
  public String toString() {
    Handshake client = handshake;
    return String.format(
        Locale.ROOT,
        "connection %d of client %s",
        id,
        client == null ? "(no CONNECT)" : Handshake.printable(client.clientId()));
  }
}
