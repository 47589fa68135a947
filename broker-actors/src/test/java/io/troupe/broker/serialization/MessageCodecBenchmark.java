package io.troupe.broker.serialization;

import io.troupe.protocol.packet.Message;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A message of 256 bytes to and from the form in which it is stored and sent to other nodes. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class MessageCodecBenchmark {
  private final Message message =
      Messages.retained("site/7/device/1234/temperature", "x".repeat(256));
  private final byte[] bytes = MessageCodec.toBytes(message);

  @Benchmark
  public byte[] write() {
    return MessageCodec.toBytes(message);
  }

  @Benchmark
  public Message read() {
    return MessageCodec.fromBytes(bytes);
  }
}
