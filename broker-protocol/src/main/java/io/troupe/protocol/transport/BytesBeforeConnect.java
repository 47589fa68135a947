package io.troupe.protocol.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;

/**
 * Counts what a WebSocket peer sends before its CONNECT is accepted and cuts it off at a limit: a
 * frame is gathered whole before the packet decoder can judge what is in it. Removed with CONNECT.
 */
final class BytesBeforeConnect extends ChannelInboundHandlerAdapter {
  private long left;

  BytesBeforeConnect(long limit) {
    left = limit;
  }

  static void remove(ChannelPipeline pipeline) {
    if (pipeline.get(BytesBeforeConnect.class) != null) {
      pipeline.remove(BytesBeforeConnect.class);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes) {
      left -= bytes.readableBytes();
      if (left < 0) {
        bytes.release();
        ctx.close();
        return;
      }
    }
    ctx.fireChannelRead(message);
  }
}
