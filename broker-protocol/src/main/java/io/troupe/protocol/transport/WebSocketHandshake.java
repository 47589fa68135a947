package io.troupe.protocol.transport;

import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.CONTENT_LENGTH;
import static io.netty.handler.codec.http.HttpHeaderNames.ORIGIN;
import static io.netty.handler.codec.http.HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL;
import static io.netty.handler.codec.http.HttpHeaderNames.SEC_WEBSOCKET_VERSION;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import io.netty.util.concurrent.Future;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers the HTTP request that opens a WebSocket: right path, version 13, an allowed origin and a
 * sub-protocol {@code mqtt} or {@code mqttv3.1} (MQTT-6.0.0-3, MQTT-6.0.0-4). Then the HTTP
 * handlers leave the pipeline. Anything else gets an HTTP error and the connection is closed.
 */
@Sharable
final class WebSocketHandshake extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Set<String> PROTOCOLS = Set.of("mqtt", "mqttv3.1");
  private static final int REQUEST_LINE_BYTES_MAX = 2048;
  private static final int HEADER_BYTES_MAX = 8192;

  private final WebSocketSettings settings;

  WebSocketHandshake(WebSocketSettings settings) {
    this.settings = settings;
  }

  void addTo(ChannelPipeline pipeline, long bytesBeforeConnectMax) {
    pipeline.addLast(new BytesBeforeConnect(bytesBeforeConnectMax + HEADER_BYTES_MAX));
    pipeline.addLast(new HttpServerCodec(REQUEST_LINE_BYTES_MAX, HEADER_BYTES_MAX, 1024));
    pipeline.addLast(new HttpObjectAggregator(1024));
    pipeline.addLast(this);
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    HttpResponseStatus refusal = judge(request);
    if (refusal != null) {
      refuse(ctx, refusal);
      return;
    }
    ctx.pipeline().replace(this, null, WebSocketFrames.INSTANCE);
    var config =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(settings.frameBytesMax())
            .expectMaskedFrames(true)
            .allowMaskMismatch(false)
            .allowExtensions(false)
            .withUTF8Validator(false)
            .build();
    var handshaker = new WebSocketServerHandshaker13("", String.join(",", PROTOCOLS), config);
    try {
      handshaker
          .handshake(ctx.channel(), request)
          .addListener((Future<? super Void> f) -> completed(ctx.pipeline(), f));
    } catch (WebSocketHandshakeException e) {
      refuse(ctx, HttpResponseStatus.BAD_REQUEST); // the answer names no detail of the request
    }
  }

  private static void completed(ChannelPipeline pipeline, Future<?> handshake) {
    if (handshake.isSuccess()) {
      pipeline.fireUserEventTriggered(InboundPackets.READY);
    } else {
      pipeline.channel().close();
    }
  }

  /** The status to refuse the request with, or null. */
  private @Nullable HttpResponseStatus judge(FullHttpRequest request) {
    if (!request.decoderResult().isSuccess() || !request.method().equals(HttpMethod.GET)) {
      return HttpResponseStatus.BAD_REQUEST;
    }
    if (!new QueryStringDecoder(request.uri()).path().equals(settings.path())) {
      return HttpResponseStatus.NOT_FOUND;
    }
    String origin = request.headers().get(ORIGIN);
    if (origin != null
        && !settings.allowedOrigins().isEmpty()
        && !settings.allowedOrigins().contains(origin)) {
      return HttpResponseStatus.FORBIDDEN;
    }
    if (!"13".equals(request.headers().get(SEC_WEBSOCKET_VERSION))) {
      return HttpResponseStatus.UPGRADE_REQUIRED;
    }
    for (String offer : request.headers().getAll(SEC_WEBSOCKET_PROTOCOL)) {
      for (String protocol : offer.split(",")) {
        if (PROTOCOLS.contains(protocol.strip())) {
          return null;
        }
      }
    }
    return HttpResponseStatus.BAD_REQUEST;
  }

  private static void refuse(ChannelHandlerContext ctx, HttpResponseStatus status) {
    var response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status);
    response.headers().set(CONTENT_LENGTH, 0).set(CONNECTION, "close");
    if (status.equals(HttpResponseStatus.UPGRADE_REQUIRED)) {
      response.headers().set(SEC_WEBSOCKET_VERSION, "13");
    }
    ctx.channel().writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
