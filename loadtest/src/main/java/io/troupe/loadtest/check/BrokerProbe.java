package io.troupe.loadtest.check;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.troupe.loadtest.check.BrokerControl.BrokerFailed;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.loadtest.wire.Frames;
import io.troupe.protocol.packet.ProtocolVersion;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Finds out whether a broker answers. */
public final class BrokerProbe {
  private static final int TRY_MILLIS = 1000;

  private BrokerProbe() {}

  /**
   * Waits until the broker answers a CONNECT with any CONNACK.
   *
   * @param alive whether it still runs; checked between tries
   * @throws BrokerFailed if it ended or the time is over
   */
  public static void awaitReady(InetSocketAddress address, Duration most, BooleanSupplier alive)
      throws InterruptedException {
    long deadline = System.nanoTime() + most.toNanos();
    while (!answers(address)) {
      if (!alive.getAsBoolean()) {
        throw new BrokerFailed("ended before it was ready");
      }
      if (System.nanoTime() > deadline) {
        throw new BrokerFailed("not ready after " + most.toSeconds() + " s");
      }
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  private static boolean answers(InetSocketAddress address) {
    ByteBuf packets = Unpooled.buffer();
    Frames.connect(
        packets, ConnectSpec.transientClient(ProtocolVersion.V3_1_1, "troupe-load-probe", 10));
    try (Socket socket = new Socket()) {
      socket.connect(address, TRY_MILLIS);
      socket.setSoTimeout(TRY_MILLIS);
      socket.getOutputStream().write(ByteBufUtil.getBytes(packets));
      boolean answered = socket.getInputStream().read() == Frames.CONNACK << 4;
      socket.getOutputStream().write(new byte[] {(byte) (Frames.DISCONNECT << 4), 0});
      return answered;
    } catch (IOException e) {
      return false;
    }
  }
}
