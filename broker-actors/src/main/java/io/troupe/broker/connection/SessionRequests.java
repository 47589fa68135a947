package io.troupe.broker.connection;

import io.troupe.broker.session.ClientSessionActor;
import io.troupe.broker.session.ClientSessionActor.Ack;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.Unsubscribe;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one client sends for its session to answer: SUBSCRIBE and UNSUBSCRIBE at once,
 * acknowledgements gathered until the socket read ends. Owned by the connection's event loop.
 */
final class SessionRequests {
  private final ClientConnection connection;
  private final Handshake client;
  private final ConnectionSurroundings surroundings;
  private @Nullable List<Ack> acks;

  /** Made with the first request; the session's thread reads it. */
  private volatile @Nullable SessionWork work;

  SessionRequests(
      ClientConnection connection, Handshake client, ConnectionSurroundings surroundings) {
    this.connection = connection;
    this.client = client;
    this.surroundings = surroundings;
  }

  /** Takes a packet that is the session's; false if it is not. */
  boolean take(Packet packet) {
    if (packet instanceof Puback ack) {
      acknowledge(new Ack(4, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubrec ack) {
      acknowledge(new Ack(5, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubrel ack) {
      acknowledge(new Ack(6, ack.packetId(), ack.reason()));
    } else if (packet instanceof Pubcomp ack) {
      acknowledge(new Ack(7, ack.packetId(), ack.reason()));
    } else if (packet instanceof Subscribe subscribe) {
      subscribe(subscribe);
    } else if (packet instanceof Unsubscribe unsubscribe) {
      connection.sendGathered();
      worksFor(unsubscribe.filters().size() * SessionWork.FILTER);
      connection.tellSession(
          new ClientSessionActor.Unsubscribe(
              connection.id(), unsubscribe.packetId(), unsubscribe.filters()));
    } else {
      return false;
    }
    return true;
  }

  private void acknowledge(Ack ack) {
    List<Ack> gathered = acks;
    if (gathered == null) {
      gathered = new ArrayList<>();
      acks = gathered;
    }
    gathered.add(ack);
  }

  private void subscribe(Subscribe subscribe) {
    connection.sendGathered();
    SubscribeChecks checks = new SubscribeChecks(surroundings, client);
    ReasonCode wrong = checks.protocolError(subscribe);
    if (wrong.isError()) {
      connection.close(wrong, null);
    } else {
      worksFor(subscribe.entries().size() * SessionWork.FILTER);
      connection.tellSession(
          new ClientSessionActor.Subscribe(
              connection.id(), subscribe.packetId(), checks.entries(subscribe)));
    }
  }

  private void worksFor(int units) {
    SessionWork given = work;
    if (given == null) {
      given = new SessionWork(connection, surroundings.session());
      work = given;
    }
    given.add(units);
  }

  /** Any thread: the session has done so much; whether the client may be read again. */
  boolean done(int units) {
    SessionWork given = work;
    return given != null && given.done(units);
  }

  /** The socket read has ended. */
  void sendAcks() {
    List<Ack> gathered = acks;
    if (gathered != null) {
      acks = null;
      worksFor(gathered.size());
      connection.tellSession(new ClientSessionActor.Acknowledge(connection.id(), gathered));
    }
  }

  /** How many filters a packet of the session answers. */
  static int filters(Packet packet) {
    return packet instanceof Suback suback
        ? suback.reasons().size()
        : packet instanceof Unsuback unsuback ? unsuback.reasons().size() : 0;
  }
}
