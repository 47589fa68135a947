package io.troupe.protocol.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.ProtocolViolation;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Qos;
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
import org.openjdk.jmh.infra.Blackhole;

/** One PUBLISH of 256 bytes: read from a socket's bytes, and written for one or many receivers. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final int PER_READ = 20;

  /** The protocol's version. */
  @Param({"V3_1_1", "V5"})
  private ProtocolVersion version = ProtocolVersion.V5;

  private final ByteBuf out = Unpooled.directBuffer(64 * 1024);
  private final ByteBuf in = Unpooled.directBuffer(64 * 1024);
  private Publish publish;
  private PublishFrame frame;
  private PacketDecoder decoder;

  @Setup
  public void prepare() throws ProtocolViolation {
    publish =
        new Publish(
            "site/7/device/1234/temperature",
            Payload.wrap(new byte[256]),
            Qos.AT_LEAST_ONCE,
            false,
            false,
            1,
            0,
            MessageProperties.NONE,
            List.of());
    frame =
        PublishFrame.of(
            version, publish.topic(), publish.payload(), publish.properties(), List.of(), true);
    decoder = PacketDecoder.forServer(DecoderSettings.DEFAULT);
    PacketEncoder.encode(Connect.of(version, "c"), version, in);
    decoder.decode(in);
    decoder.maximumPacketSize(1 << 20);
    in.clear();
    for (int i = 0; i < PER_READ; i++) {
      PublishEncoder.encode(in, version, publish);
    }
  }

  @Benchmark
  @OperationsPerInvocation(PER_READ)
  public void decode(Blackhole hole) throws ProtocolViolation {
    in.readerIndex(0);
    for (int i = 0; i < PER_READ; i++) {
      hole.consume(decoder.decode(in));
    }
  }

  @Benchmark
  public ByteBuf encode() {
    PublishEncoder.encode(out.clear(), version, publish);
    return out;
  }

  @Benchmark
  public ByteBuf encodeOnceForMany() {
    frame.writeTo(out.clear(), Qos.AT_LEAST_ONCE, false, false, 7, MessageProperties.ABSENT);
    return out;
  }
}
