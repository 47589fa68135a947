package io.troupe.loadtest.overload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.loadtest.wire.Inbound;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What one bad client, or many, do to a broker while others work with it. */
public enum Abuse {
  /** One publishes at QoS 0 as fast as the socket takes it, to a subscriber that reads. */
  FLOOD_QOS0(abuser -> flood(abuser, reader(abuser, 0), 256, 0)),
  /** The same at QoS 1, with as many unacknowledged as identifiers allow. */
  FLOOD_QOS1(abuser -> flood(abuser, reader(abuser, 1), 256, 1)),
  /** The same at QoS 2. */
  FLOOD_QOS2(abuser -> flood(abuser, reader(abuser, 2), 256, 2)),
  /** Four publish 900 kB each at QoS 0. */
  BIG_PAYLOADS(
      abuser -> {
        String topic = reader(abuser, 0);
        for (int i = 0; i < 4; i++) {
          flood(abuser, topic, 900_000, 0);
        }
      }),
  /** Four publish 900 kB each at QoS 1 to a queue on disk. */
  BIG_QUEUED(
      abuser -> {
        String topic = away(abuser);
        for (int i = 0; i < 4; i++) {
          flood(abuser, topic, 900_000, 1);
        }
      }),
  /** Twenty subscribers that never read, QoS 0. */
  DEAF_QOS0(abuser -> flood(abuser, deaf(abuser, 0, true), 4096, 0)),
  /** Twenty subscribers that never read, QoS 1, sessions that end with the connection. */
  DEAF_QOS1(abuser -> flood(abuser, deaf(abuser, 1, true), 16_384, 1)),
  /** Twenty subscribers that never read, QoS 2, persistent sessions. */
  DEAF_QUEUED(abuser -> flood(abuser, deaf(abuser, 2, false), 16_384, 2)),
  /** One publishes to a new topic each time; nobody subscribes. */
  TOPICS(Abuse::topics),
  /** One retains 4 kB on a new topic each time. */
  RETAINED(Abuse::retained),
  /** One subscribes to a new filter each time, then starts anew. */
  SUBSCRIBES(Abuse::subscribes),
  /** Eight connect and leave as fast as they can. */
  CONNECTS(Abuse::connects),
  /** Connections that say nothing, as many as the broker takes. */
  SILENT(Abuse::silent),
  /** Clients that announce packets of 256 MB and send a little of them. */
  ANNOUNCED(Abuse::announced);

  private static final int FLOOD_BYTES = 64 * 1024;
  private static final int PACKET_IDS = 60_000;
  private static final int DEAF_CLIENTS = 20;

  @SuppressWarnings("ImmutableEnumChecker") // functions without state
  private final Method method;

  private interface Method {
    void start(Abuser abuser) throws IOException;
  }

  Abuse(Method method) {
    this.method = method;
  }

  /** Its name on the command line and in tables. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Begins; goes on until the abuser is closed. */
  void start(Abuser abuser) throws IOException {
    method.start(abuser);
  }

  /** A subscriber that reads; returns its topic. */
  private static String reader(Abuser abuser, int qos) throws IOException {
    String topic = "abuse/" + abuser.name();
    WireClient client = abuser.keep(WireClient.connect(abuser.broker(), abuser.name() + "-sub"));
    abuser.startReading(client.subscribed(topic, qos));
    return topic;
  }

  /** A persistent subscriber that is away; returns its topic. */
  private static String away(Abuser abuser) throws IOException {
    String topic = "abuse/" + abuser.name();
    WireClient.resume(abuser.broker(), abuser.name() + "-away").subscribed(topic, 1).close();
    abuser.keep(() -> WireClient.connect(abuser.broker(), abuser.name() + "-away").close());
    return topic;
  }

  /** Subscribers that never read what comes; returns their topic. */
  private static String deaf(Abuser abuser, int qos, boolean cleanStart) throws IOException {
    String topic = "abuse/" + abuser.name();
    for (int i = 0; i < DEAF_CLIENTS; i++) {
      String id = abuser.name() + "-deaf-" + i;
      ConnectSpec spec =
          cleanStart
              ? ConnectSpec.transientClient(ProtocolVersion.V3_1_1, id, 0)
              : ConnectSpec.persistentClient(ProtocolVersion.V3_1_1, id, 0, 65535);
      abuser.keep(WireClient.connect(abuser.broker(), spec, 4096)).subscribed(topic, qos);
      if (!cleanStart) {
        abuser.keep(() -> WireClient.connect(abuser.broker(), id).close());
      }
    }
    return topic;
  }

  /** Publishes without pause; above QoS 0 as far as packet identifiers are free. */
  private static void flood(Abuser abuser, String topic, int payloadBytes, int qos)
      throws IOException {
    WireClient client =
        abuser.keep(
            WireClient.connect(abuser.broker(), abuser.name() + "-pub-" + System.nanoTime()));
    Semaphore free = new Semaphore(PACKET_IDS);
    int last = qos == 2 ? Frames.PUBCOMP : Frames.PUBACK;
    abuser.start(
        () ->
            client.read(
                (header, frame, from, to) -> {
                  if (Inbound.type(header) == last) {
                    free.release();
                  }
                }));
    byte[] payload = new byte[payloadBytes];
    int perWrite = Math.max(1, FLOOD_BYTES / (payloadBytes + 40));
    abuser.start(
        () -> {
          ByteBuf out = Unpooled.buffer(FLOOD_BYTES + payloadBytes);
          for (int packetId = 1; abuser.isRunning(); ) {
            if (qos > 0 && !acquire(free, perWrite)) {
              continue;
            }
            for (int i = 0; i < perWrite; i++) {
              WireClient.publish(out, topic, payload, qos, packetId);
              packetId = packetId % PACKET_IDS + 1;
            }
            client.write(out.array(), out.readableBytes());
            out.clear();
            abuser.did(perWrite);
          }
        });
  }

  private static boolean acquire(Semaphore free, int count) {
    try {
      return free.tryAcquire(count, 50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static void topics(Abuser abuser) throws IOException {
    WireClient client = abuser.keep(WireClient.connect(abuser.broker(), abuser.name()));
    abuser.startReading(client);
    abuser.start(
        () -> {
          byte[] payload = new byte[64];
          ByteBuf out = Unpooled.buffer(FLOOD_BYTES);
          for (long n = 0; abuser.isRunning(); ) {
            for (int i = 0; i < 100; i++) {
              WireClient.publish(out, "abuse/" + abuser.name() + "/" + n++, payload, 0, 0);
            }
            client.write(out.array(), out.readableBytes());
            out.clear();
            abuser.did(100);
          }
        });
  }

  private static void retained(Abuser abuser) throws IOException {
    WireClient client = abuser.keep(WireClient.connect(abuser.broker(), abuser.name()));
    Semaphore free = new Semaphore(PACKET_IDS);
    abuser.start(() -> client.read((header, frame, from, to) -> free.release()));
    abuser.start(
        () -> {
          byte[] payload = new byte[4096];
          long n = 0;
          ByteBuf out = Unpooled.buffer(FLOOD_BYTES);
          while (abuser.isRunning()) {
            if (acquire(free, 1)) {
              long number = n++;
              int packetId = (int) (number % PACKET_IDS) + 1;
              WireClient.retain(out, "abuse/" + abuser.name() + "/" + number, payload, packetId);
              client.write(out.array(), out.readableBytes());
              out.clear();
              abuser.did(1);
            }
          }
        });
  }

  private static void subscribes(Abuser abuser) {
    abuser.start(
        () -> {
          for (long n = 0; abuser.isRunning(); ) {
            WireClient client = abuser.keep(WireClient.connect(abuser.broker(), abuser.name()));
            Semaphore free = new Semaphore(100);
            abuser.start(() -> client.read((header, frame, from, to) -> free.release()));
            for (int i = 0; i < 900 && abuser.isRunning(); ) {
              if (acquire(free, 1)) {
                i++;
                int packetId = i;
                String filter = "abuse/" + abuser.name() + "/" + n++ + "/#";
                client.send(out -> WireClient.subscribe(out, packetId, filter));
                abuser.did(1);
              }
            }
            client.close();
            abuser.forget(client);
          }
        });
  }

  private static void connects(Abuser abuser) {
    for (int i = 0; i < 8; i++) {
      int thread = i;
      abuser.start(
          () -> {
            for (int n = 0; abuser.isRunning(); n++) {
              try {
                String id = abuser.name() + "-" + thread + "-" + n;
                WireClient.connect(abuser.broker(), id).close();
              } catch (IOException e) {
                abuser.refused();
              }
              abuser.did(1);
            }
          });
    }
  }

  private static void silent(Abuser abuser) {
    abuser.start(
        () -> {
          while (abuser.isRunning()) {
            try {
              abuser.keep(WireClient.open(abuser.broker()));
              abuser.did(1);
            } catch (IOException e) {
              abuser.refused(); // as the broker's or our own descriptors are used up
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
          }
        });
  }

  private static void announced(Abuser abuser) throws IOException {
    byte[] beginning = new byte[16 * 1024];
    beginning[0] = (byte) (Frames.PUBLISH << 4);
    beginning[1] = beginning[2] = beginning[3] = (byte) 0xFF;
    beginning[4] = 0x7F;
    for (int i = 0; i < 40; i++) {
      String id = abuser.name() + "-" + i;
      abuser.start(
          () -> {
            while (abuser.isRunning()) {
              try (WireClient client = WireClient.connect(abuser.broker(), id)) {
                client.write(beginning, beginning.length);
                abuser.did(1);
                client.read((header, frame, from, to) -> {});
              } catch (IOException e) {
                abuser.refused();
              }
            }
          });
    }
  }
}
