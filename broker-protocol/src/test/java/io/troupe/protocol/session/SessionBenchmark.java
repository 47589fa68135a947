package io.troupe.protocol.session;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Will;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * The session core: a batch of 20 messages delivered and acknowledged, without actor and socket.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SessionBenchmark {
  private static final int BATCH = 20;

  /** What the messages are published with, and granted. */
  @Param({"AT_MOST_ONCE", "AT_LEAST_ONCE"})
  private Qos qos = Qos.AT_LEAST_ONCE;

  private final Sink sink = new Sink();
  private Session session;
  private List<Message> messages;
  private Delivery delivery;

  @Setup
  public void prepare() {
    session =
        new Session(
            "c",
            new SessionState(),
            new SessionLimits(1000, 1000, 1 << 20, 1 << 30, 100, 35_000, 0),
            sink);
    session.attach(true, 0, null, null, "node#1", 1);
    session.outbound().attach(false, 1000);
    session.outbound().start();
    messages =
        Collections.nCopies(
            BATCH,
            new Message(
                "site/7/device/1234/temperature",
                Payload.wrap(new byte[256]),
                qos,
                false,
                MessageProperties.NONE,
                "p",
                1_700_000_000_000L));
    delivery = new Delivery(qos, false, List.of());
  }

  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int deliverAndAcknowledge() {
    session.outbound().onDirect(messages, delivery);
    session.outbound().pump();
    for (int i = 0; i < sink.unacknowledged; i++) {
      session.outbound().onPuback(sink.packetIds[i]);
    }
    sink.unacknowledged = 0;
    session.outbound().pump();
    return sink.sent;
  }

  /** Surroundings that cost nothing. */
  private static final class Sink implements Effects {
    final int[] packetIds = new int[BATCH];
    int unacknowledged;
    int sent;

    @Override
    public void publish(Message message, Delivery delivery, int packetId, boolean dup) {
      sent++;
      if (packetId != 0) {
        packetIds[unacknowledged++] = packetId;
      }
    }

    @Override
    public long nowMillis() {
      return 1_700_000_000_000L;
    }

    @Override
    public boolean mayDeliver(Message message, Delivery delivery) {
      return true;
    }

    @Override
    public boolean isAuthorized(Message message) {
      return true;
    }

    @Override
    public void publishWill(Will will, long sequence, boolean retry) {}

    @Override
    public void unsubscribe(Subscription subscription) {}

    @Override
    public void persist(SessionEvent event) {}

    @Override
    public void persistLater(SessionEvent event) {}

    @Override
    public boolean isFlowing() {
      return true;
    }

    @Override
    public void leaveQueue(Subscription subscription) {}

    @Override
    public void pubrel(int packetId, ReasonCode reason) {}

    @Override
    public void read(String filter, long fromOffset) {}

    @Override
    public void pause(String filter) {}

    @Override
    public void settled(String filter, long below) {}

    @Override
    public void sharedSettled(String filter, long offset) {}

    @Override
    public void sharedRefused(String filter, long offset) {}

    @Override
    public void dropped(DropCause cause, int dropped) {}
  }
}
