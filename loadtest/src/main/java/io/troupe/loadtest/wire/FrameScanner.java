package io.troupe.loadtest.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Finds frames in what a socket read brought, without copying or making objects; only a frame cut
 * by the end of a read is copied. Owned by one event loop.
 */
public final class FrameScanner {
  private static final int TAIL_KEPT = 4096;

  private final FrameHandler handler;
  private @Nullable ByteBuf tail;

  public FrameScanner(FrameHandler handler) {
    this.handler = handler;
  }

  /** Takes one frame; the bytes are only borrowed. */
  public interface FrameHandler {
    /**
     * @param header the first byte: type and flags
     * @param from index of the variable header in {@code bytes}
     * @param to index after the frame's last byte
     */
    void frame(int header, ByteBuf bytes, int from, int to);
  }

  /**
   * Hands every whole frame to the handler. The buffer's indices are not moved and it is not
   * released.
   *
   * @throws MalformedFrame if a remaining length has more than four bytes
   */
  public void scan(ByteBuf in) {
    int end = in.writerIndex();
    int index = in.readerIndex();
    ByteBuf rest = tail;
    if (rest != null && rest.isReadable()) {
      index = completeTail(rest, in, index, end);
      if (rest.isReadable()) {
        return;
      }
      if (rest.capacity() > TAIL_KEPT) {
        tail = null;
      }
    }
    index = scanWhole(in, index, end);
    if (index < end) {
      if (tail == null) {
        tail = Unpooled.buffer(512);
      }
      tail.clear().writeBytes(in, index, end - index);
    }
  }

  /** Forgets a partial frame, for a new connection. */
  public void reset() {
    tail = null;
  }

  private int scanWhole(ByteBuf in, int first, int end) {
    int index = first;
    while (true) {
      int length = frameLength(in, index, end);
      if (length < 0 || length > end - index) {
        return index;
      }
      dispatch(in, index, length);
      index += length;
    }
  }

  /** Copies into the tail what its frame lacks; returns the index after what was taken. */
  private int completeTail(ByteBuf rest, ByteBuf in, int first, int end) {
    int index = first;
    while (index < end) {
      int length = frameLength(rest, 0, rest.writerIndex());
      int lacking = length < 0 ? 1 : length - rest.writerIndex();
      int taken = Math.min(lacking, end - index);
      rest.writeBytes(in, index, taken);
      index += taken;
      if (frameLength(rest, 0, rest.writerIndex()) == rest.writerIndex()) {
        dispatch(rest, 0, rest.writerIndex());
        rest.clear();
        return index;
      }
    }
    return index;
  }

  private void dispatch(ByteBuf bytes, int index, int length) {
    int body = index + 2;
    while ((bytes.getByte(body - 1) & 0x80) != 0) {
      body++;
    }
    handler.frame(bytes.getUnsignedByte(index), bytes, body, index + length);
  }

  /** Whole length with header, or -1 if the header is not complete. */
  private static int frameLength(ByteBuf bytes, int index, int end) {
    int value = 0;
    for (int i = 1; i <= 4; i++) {
      if (index + i >= end) {
        return -1;
      }
      int b = bytes.getByte(index + i);
      value |= (b & 0x7F) << (7 * (i - 1));
      if (b >= 0) {
        return value + i + 1;
      }
    }
    throw new MalformedFrame();
  }

  /** The broker sent something that cannot be a frame. */
  public static final class MalformedFrame extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedFrame() {
      super("remaining length of more than four bytes");
    }
  }
}
