package io.troupe.broker.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** What the wire tests share: a running broker, fresh names, and the closing of connections. */
@ExtendWith(SharedBroker.class)
abstract class WireTest {
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final List<WireClient> clients = new ArrayList<>();

  /** The broker of this class; tests of other configurations override it. */
  BrokerUnderTest broker() {
    return SharedBroker.get();
  }

  /** A client identifier nobody used before. */
  static String freshId() {
    return "c" + NAMES.incrementAndGet();
  }

  /** A topic of two levels nobody used before. */
  static String freshTopic() {
    return "t" + NAMES.incrementAndGet() + "/x";
  }

  /** CONNECT of a client nobody used before. */
  static ConnectPacket fresh(Version version) {
    return new ConnectPacket(version, freshId());
  }

  /** A connection without CONNECT. */
  WireClient open(Version version, String clientId) {
    var client = new WireClient(broker().port(), version, clientId);
    clients.add(client);
    return client;
  }

  /** A connection over this transport with this CONNECT sent. */
  WireClient open(WireTransport transport, SSLContext tls, ConnectPacket connect) {
    var socket = transport.open(broker().port(transport.listener()), tls);
    var client = new WireClient(transport, socket, connect.version, connect.clientId);
    clients.add(client);
    return client.send(connect.toArray());
  }

  /** A connection with this CONNECT sent. */
  WireClient open(ConnectPacket connect) {
    return open(connect.version, connect.clientId).send(connect.toArray());
  }

  /** A connection whose CONNECT was accepted. */
  WireClient connect(ConnectPacket connect) {
    var client = open(connect);
    client.expectConnack(0);
    return client;
  }

  WireClient connect(Version version) {
    return connect(fresh(version));
  }

  @AfterEach
  void closeConnections() {
    clients.forEach(WireClient::close);
  }
}
