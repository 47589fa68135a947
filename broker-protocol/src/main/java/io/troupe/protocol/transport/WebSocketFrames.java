package io.troupe.protocol.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.util.ReferenceCountUtil;

/**
 * Between WebSocket frames and MQTT bytes. The payloads of binary frames are one stream: packets
 * need not begin or end with frames (MQTT-6.0.0-2). A text frame closes the connection
 * (MQTT-6.0.0-1). Pings are answered here.
 */
@Sharable
final class WebSocketFrames extends ChannelDuplexHandler {
  static final WebSocketFrames INSTANCE = new WebSocketFrames();

  private WebSocketFrames() {}

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof BinaryWebSocketFrame || message instanceof ContinuationWebSocketFrame) {
      ctx.fireChannelRead(((WebSocketFrame) message).content());
    } else if (message instanceof PingWebSocketFrame ping) {
      ctx.writeAndFlush(new PongWebSocketFrame(ping.content()), ctx.voidPromise());
    } else if (message instanceof CloseWebSocketFrame) {
      ReferenceCountUtil.release(message);
      close(ctx, WebSocketCloseStatus.NORMAL_CLOSURE);
    } else {
      boolean pong = message instanceof PongWebSocketFrame;
      ReferenceCountUtil.release(message);
      if (!pong) {
        // Text, or bytes sent before the handshake was answered.
        close(ctx, WebSocketCloseStatus.INVALID_MESSAGE_TYPE);
      }
    }
  }

  private static void close(ChannelHandlerContext ctx, WebSocketCloseStatus status) {
    ctx.writeAndFlush(new CloseWebSocketFrame(status)).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    ctx.write(
        message instanceof ByteBuf bytes ? new BinaryWebSocketFrame(bytes) : message, promise);
  }
}
