package io.troupe.loadtest.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.MessageToMessageCodec;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.util.List;
import javax.net.ssl.SSLException;

/** What stands between the socket and a client: nothing, TLS, WebSocket or both. */
final class ClientPipeline extends ChannelInitializer<SocketChannel> {
  private static final int FRAME_MAX = 1 << 20;
  private static final SslContext TLS = tls();

  private final LoadPlan plan;
  private final Target target;
  private final LoadClient client;

  ClientPipeline(LoadPlan plan, Target target, LoadClient client) {
    this.plan = plan;
    this.target = target;
    this.client = client;
  }

  @Override
  protected void initChannel(SocketChannel channel) {
    ChannelPipeline pipeline = channel.pipeline();
    String host = target.address().getHostString();
    int port = target.address().getPort();
    if (plan.tls()) {
      pipeline.addLast(TLS.newHandler(channel.alloc(), host, port));
    }
    String path = plan.webSocketPath();
    if (!path.isEmpty()) {
      URI uri = URI.create((plan.tls() ? "wss://" : "ws://") + host + ":" + port + path);
      pipeline.addLast(
          new HttpClientCodec(),
          new HttpObjectAggregator(8192),
          new WebSocketClientProtocolHandler(
              WebSocketClientHandshakerFactory.newHandshaker(
                  uri, WebSocketVersion.V13, "mqtt", false, new DefaultHttpHeaders(), FRAME_MAX)),
          new BinaryFrames());
    }
    pipeline.addLast(client);
  }

  private static SslContext tls() {
    try {
      return SslContextBuilder.forClient()
          .trustManager(InsecureTrustManagerFactory.INSTANCE)
          .endpointIdentificationAlgorithm(null)
          .build();
    } catch (SSLException e) {
      throw new IllegalStateException("no TLS on this machine", e);
    }
  }

  /** MQTT bytes in and out of binary WebSocket frames; a frame need not be a packet (6.0). */
  private static final class BinaryFrames extends MessageToMessageCodec<WebSocketFrame, ByteBuf> {
    BinaryFrames() {
      super(WebSocketFrame.class, ByteBuf.class);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, ByteBuf bytes, List<Object> out) {
      out.add(new BinaryWebSocketFrame(bytes.retain()));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, WebSocketFrame frame, List<Object> out) {
      out.add(frame.content().retain());
    }
  }
}
