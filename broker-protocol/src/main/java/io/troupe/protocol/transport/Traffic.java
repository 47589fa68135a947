package io.troupe.protocol.transport;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many MQTT bytes went through one listener since it was made, without TLS and WebSocket
 * framing. Thread-safe; counting costs one striped addition for each read and each write.
 */
public final class Traffic {
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();

  void received(int bytes) {
    received.add(bytes);
  }

  void sent(int bytes) {
    sent.add(bytes);
  }

  public long bytesReceived() {
    return received.sum();
  }

  /** Bytes given to the socket, or to the layers before it; some may wait there. */
  public long bytesSent() {
    return sent.sum();
  }
}
