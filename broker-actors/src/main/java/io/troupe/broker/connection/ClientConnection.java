package io.troupe.broker.connection;

import io.troupe.broker.limits.ConnectionQuota;
import io.troupe.broker.metrics.DisconnectReason;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.Ack;
import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsubscribe;
import io.troupe.protocol.session.InboundFlow;
import io.troupe.protocol.transport.ConnectionHandler;
import io.troupe.protocol.transport.MqttConnection;
import java.util.ArrayList;
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
  private enum State {
    EXPECT_CONNECT,
    CONNECTING,
    CONNECTED,
    CLOSED
  }

  /** Why reading is paused; bits. */
  static final int PAUSE_CONNECTING = 1;

  static final int PAUSE_ROUTE = 2;
  static final int PAUSE_UNACKNOWLEDGED = 4;
  static final int PAUSE_BEHIND = 8;

  private record Attached(boolean sessionPresent) {}

  private record Refused(ReasonCode reason) {}

  private record Close(ReasonCode reason) {}

  private record Admitted(List<InboundFlow.Admission> admissions, long settledBelow) {}

  private final MqttConnection mqtt;
  private final ConnectionSurroundings surroundings;
  private final Connections connections;
  private final OutboundQueue outbound;
  private final long id;
  private final ConnectionQuota.Admission admission;
  private final AtomicInteger queuedBytes = new AtomicInteger();
  private volatile boolean writable = true;

  private State state = State.EXPECT_CONNECT;
  private int paused;
  private boolean touched;
  private boolean detached;
  private long lastReadNanos;
  private final long openedNanos = System.nanoTime();
  private DisconnectReason reason = DisconnectReason.CONNECTION_LOST;

  // known after CONNECT
  private @Nullable Handshake handshake;
  private @Nullable PublishFlow publishes;
  private @Nullable PublishWriter writer;
  private boolean explains;
  private boolean withWill = true;
  private long newExpirySeconds = -1;
  private @Nullable List<Ack> acks;

  ClientConnection(
      long id, MqttConnection mqtt, ConnectionSurroundings surroundings, Connections connections) {
    this.id = id;
    this.mqtt = mqtt;
    this.surroundings = surroundings;
    this.connections = connections;
    this.outbound = connections.loop(mqtt.eventLoop()).outbound();
    this.admission = surroundings.admit(mqtt.remoteAddress());
  }

  /** Credentials were accepted: the connection no longer counts as unauthenticated. */
  void authenticated() {
    if (admission instanceof ConnectionQuota.Slot slot) {
      slot.authenticated();
    }
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
      end(DisconnectReason.PROTOCOL_ERROR, null); // the first packet must be CONNECT (MQTT-3.1.0-1)
    }
  }

  private void onConnectedPacket(Packet packet) {
    PublishFlow flow = publishes;
    if (flow == null) {
      return;
    }
    if (packet instanceof Publish publish) {
      flow.onPublish(publish);
    } else if (packet instanceof Puback ack) {
      acknowledge(new Ack(4, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubrec ack) {
      acknowledge(new Ack(5, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubrel ack) {
      acknowledge(new Ack(6, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubcomp ack) {
      acknowledge(new Ack(7, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pingreq) {
      write(Pingresp.INSTANCE);
    } else if (packet instanceof Subscribe subscribe) {
      sendGathered();
      SubscribeChecks checks = new SubscribeChecks(surroundings, client());
      ReasonCode wrong = checks.protocolError(subscribe);
      if (wrong.isError()) {
        close(wrong, null);
      } else {
        tellSession(
            new ClientSessionActor.Subscribe(id, subscribe.packetId(), checks.entries(subscribe)));
      }
    } else if (packet instanceof Unsubscribe unsubscribe) {
      sendGathered();
      tellSession(
          new ClientSessionActor.Unsubscribe(id, unsubscribe.packetId(), unsubscribe.filters()));
    } else if (packet instanceof Disconnect disconnect) {
      onDisconnect(disconnect);
    } else if (packet instanceof Auth) {
      // AUTH only if CONNECT named an authentication method (MQTT-4.12.0-6)
      close(ReasonCode.PROTOCOL_ERROR, "AUTH without an authentication method");
    } else {
      // a second CONNECT (MQTT-3.1.0-2)
      close(ReasonCode.PROTOCOL_ERROR, "a second CONNECT");
    }
  }

  private void acknowledge(Ack ack) {
    List<Ack> gathered = acks;
    if (gathered == null) {
      gathered = new ArrayList<>();
      acks = gathered;
    }
    gathered.add(ack);
  }

  @Override
  public void onReadComplete() {
    lastReadNanos = System.nanoTime();
    if (state == State.CONNECTED) {
      sendGathered();
    }
  }

  /** Sends the session what this socket read has for it. */
  private void sendGathered() {
    List<Ack> gathered = acks;
    if (gathered != null) {
      acks = null;
      tellSession(new ClientSessionActor.Acknowledge(id, gathered));
    }
    if (publishes != null) {
      publishes.sendAdmissions();
    }
  }

  @Override
  public void onProtocolViolation(ProtocolViolation violation) {
    surroundings.metrics().protocolError(violation.reasonCode());
    LOG.debug(
        "{}: {} [{}] {}", this, violation.reasonCode(), violation.statement(), violation.detail());
    if (state == State.EXPECT_CONNECT) {
      boolean told =
          violation.reasonCode() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION
              || violation.reasonCode() == ReasonCode.CLIENT_IDENTIFIER_NOT_VALID
              || (mqtt.version() != null && mqtt.version().isV5());
      if (told) {
        refuse(violation.reasonCode(), violation.detail());
      }
    }
    if (state == State.CONNECTED) {
      sendGathered();
    }
    close(violation.reasonCode(), violation.detail());
  }

  @Override
  public void onWritabilityChanged(boolean nowWritable) {
    writable = nowWritable;
  }

  @Override
  public void onClosed() {
    boolean wasConnected = state == State.CONNECTED;
    state = State.CLOSED;
    connections.remove(this);
    if (admission instanceof ConnectionQuota.Slot slot) {
      slot.close();
    }
    Handshake client = handshake;
    if (wasConnected) {
      sendGathered();
    }
    detach();
    if (wasConnected && client != null) {
      LOG.debug("{} closed: {}", this, reason);
      surroundings.metrics().connectionClosed(mqtt.transport(), client.connect().version(), reason);
    }
  }

  /** Tells the session, once, that this connection is of no more use. */
  private void detach() {
    Handshake client = handshake;
    if (client != null && client.isAttached() && !detached) {
      detached = true;
      tellSession(new ClientSessionActor.Detach(id, withWill, newExpirySeconds));
    }
  }

  // CONNECT

  private void onConnect(Connect connect) {
    state = State.CONNECTING;
    pause(PAUSE_CONNECTING);
    Handshake client = new Handshake(this, connect, surroundings);
    handshake = client;
    if (admission instanceof ConnectionQuota.Refused refused) {
      refuse(refused.reason(), "the server takes no more connections now");
    } else {
      client.start();
    }
  }

  /** CONNACK with a failure, then the end. */
  void refuse(ReasonCode code, @Nullable String detail) {
    if (state == State.CLOSED) {
      return;
    }
    ReasonCode told = Handshake.connackCode(code);
    Handshake client = handshake;
    boolean v5 = mqtt.version() != null && mqtt.version().isV5();
    Connack.Properties properties = null;
    if (v5 && (client == null || client.connect().requestProblemInformation())) {
      properties = Handshake.reasonString(detail == null ? ReasonText.of(told) : detail);
    }
    surroundings.metrics().connack(told, System.nanoTime() - openedNanos);
    mqtt.write(new Connack(false, told, properties));
    surroundings.metrics().packetSent(2);
    reason = DisconnectReason.of(code);
    state = State.CLOSED;
    mqtt.flush();
    mqtt.close();
  }

  private void onAttached(boolean sessionPresent) {
    Handshake client = handshake;
    if (state != State.CONNECTING || client == null) {
      return;
    }
    Connect connect = client.connect();
    mqtt.connected(connect.version(), surroundings.mqtt().maximumPacketSize());
    state = State.CONNECTED;
    explains = connect.version().isV5() && connect.requestProblemInformation();
    Connections.Loop loop = connections.loop(mqtt.eventLoop());
    publishes = new PublishFlow(this, client, surroundings, loop);
    writer = new PublishWriter(mqtt, connect, surroundings, loop.frames());
    surroundings.metrics().connack(ReasonCode.SUCCESS, System.nanoTime() - openedNanos);
    surroundings.metrics().connectionOpened(mqtt.transport(), connect.version());
    write(client.connack(sessionPresent));
    lastReadNanos = System.nanoTime();
    startKeepAlive(client.keepAliveSeconds());
    resume(PAUSE_CONNECTING);
    LOG.debug("{} connected, session present {}", this, sessionPresent);
  }

  private void startKeepAlive(int seconds) {
    if (seconds > 0) {
      checkKeepAlive(TimeUnit.MILLISECONDS.toNanos(seconds * 1500L));
    }
  }

  /** One and a half times the Keep Alive without a packet ends the connection (MQTT-3.1.2-22). */
  private void checkKeepAlive(long limitNanos) {
    if (state != State.CONNECTED) {
      return;
    }
    long silent = System.nanoTime() - lastReadNanos;
    if (silent < limitNanos || paused != 0) {
      long wait = Math.max(TimeUnit.MILLISECONDS.toNanos(100), limitNanos - silent);
      mqtt.eventLoop().schedule(() -> checkKeepAlive(limitNanos), wait, TimeUnit.NANOSECONDS);
    } else {
      close(ReasonCode.KEEP_ALIVE_TIMEOUT, null);
    }
  }

  private void onDisconnect(Disconnect disconnect) {
    Handshake client = client();
    if (disconnect.sessionExpirySeconds() > 0 && client.connect().sessionExpirySeconds() == 0) {
      // an expiry cannot be had afterwards (MQTT-3.1.2-11 of the properties, 3.14.2.2.2)
      close(ReasonCode.PROTOCOL_ERROR, "session expiry was 0 in CONNECT");
      return;
    }
    sendGathered();
    withWill = disconnect.reason() != ReasonCode.SUCCESS;
    if (disconnect.sessionExpirySeconds() >= 0) {
      newExpirySeconds =
          Math.min(
              disconnect.sessionExpirySeconds(), surroundings.mqtt().sessionExpiryMaxSeconds());
    }
    end(
        disconnect.reason() == ReasonCode.SUCCESS
            ? DisconnectReason.CLIENT_DISCONNECTED
            : disconnect.reason() == ReasonCode.DISCONNECT_WITH_WILL_MESSAGE
                ? DisconnectReason.CLIENT_DISCONNECTED_WITH_WILL
                : DisconnectReason.CLIENT_REPORTED_ERROR,
        null);
  }

  // The end

  /** Closes with a reason; a 5.0 client is told with DISCONNECT (MQTT-4.13.2-1). */
  void close(ReasonCode code, @Nullable String detail) {
    Handshake client = handshake;
    if (state == State.CONNECTING) {
      refuse(code, detail);
      return;
    }
    Disconnect disconnect = null;
    if (state == State.CONNECTED && client != null && client.connect().version().isV5()) {
      String why = detail == null ? ReasonText.of(code) : detail;
      disconnect = Disconnect.of(code, explains ? why : null);
    }
    end(DisconnectReason.of(code), disconnect);
  }

  private void end(DisconnectReason why, @Nullable Disconnect disconnect) {
    reason = why;
    if (disconnect != null) {
      write(disconnect);
    }
    mqtt.flush();
    mqtt.close();
    detach();
  }

  // What the session says, from any thread

  @Override
  public long id() {
    return id;
  }

  @Override
  public void attached(boolean sessionPresent) {
    outbound.add(this, new Attached(sessionPresent));
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
      reason = DisconnectReason.INTERNAL_ERROR;
      mqtt.abort();
    }
  }

  private void perform(Object content) {
    if (content instanceof OutboundBatch batch) {
      queuedBytes.addAndGet(-batch.sizeBytes());
      if (writer != null && state == State.CONNECTED) {
        writer.write(batch);
        touch();
      }
      batch.taken();
    } else if (content instanceof Packet packet) {
      writeExplained(packet);
      if (packet instanceof Pubcomp pubcomp && publishes != null) {
        publishes.completed(pubcomp.packetId());
      }
    } else if (content instanceof Admitted admitted) {
      if (publishes != null && state == State.CONNECTED) {
        publishes.onAdmitted(admitted.admissions, admitted.settledBelow);
      }
    } else if (content instanceof Attached attached) {
      onAttached(attached.sessionPresent);
    } else if (content instanceof Refused refused) {
      refuseOrClose(refused.reason);
    } else if (content instanceof Close closing) {
      close(closing.reason, null);
    } else {
      throw new AssertionError(content);
    }
  }

  private void refuseOrClose(ReasonCode code) {
    if (state == State.CONNECTED) {
      close(code, null);
    } else {
      refuse(code, null);
    }
  }

  // What the parts of a connection share, on the event loop

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
  }

  void pause(int why) {
    if (paused == 0) {
      mqtt.setReading(false);
      surroundings.metrics().readingPaused();
    }
    paused |= why;
  }

  void resume(int why) {
    boolean was = paused != 0;
    paused &= ~why;
    if (was && paused == 0) {
      lastReadNanos = System.nanoTime();
      surroundings.metrics().readingResumed();
      mqtt.setReading(true);
    }
  }

  /** The route of the message that waited has come. */
  void routed() {
    if (publishes != null) {
      publishes.onRouted();
    }
  }

  /** Sessions have caught up with what this event loop sent them. */
  void caughtUp() {
    resume(PAUSE_BEHIND);
  }

  void completed(Inbound in) {
    if (publishes != null && state == State.CONNECTED) {
      publishes.onCompleted(in);
    }
  }

  void tellSession(ClientSessionActor.Command command) {
    surroundings.tellSession(client().clientId(), command);
  }

  private Handshake client() {
    Handshake client = handshake;
    if (client == null) {
      throw new IllegalStateException("no CONNECT yet");
    }
    return client;
  }

  boolean isClosed() {
    return state == State.CLOSED;
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
