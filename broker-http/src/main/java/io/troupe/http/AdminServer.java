package io.troupe.http;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.ExceptionHandler;
import akka.http.javadsl.server.MethodRejection;
import akka.http.javadsl.server.RejectionHandler;
import akka.http.javadsl.server.Route;
import akka.stream.ActorMaterializer;
import akka.stream.ActorMaterializerSettings;
import akka.stream.Materializer;
import io.troupe.broker.config.BrokerConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Health, metrics and status over HTTP: binds and joins the routes. */
public final class AdminServer {
  private static final String DISPATCHER = "troupe-http-dispatcher";
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);

  private final ServerBinding binding;

  private AdminServer(ServerBinding binding) {
    this.binding = binding;
  }

  /**
   * Binds as configured.
   *
   * @return fails with Akka's BindFailedException if the port is taken
   */
  public static CompletionStage<AdminServer> start(
      RunningBroker broker,
      Readiness readiness,
      Metrics metrics,
      BrokerConfig config,
      Instant started) {
    ActorSystem<?> system = broker.system();
    Route routes = new Routes(broker, readiness, metrics, config, started).route();
    return Http.get(system)
        .newServerAt(config.http().bind(), config.http().port())
        .withMaterializer(ownThreads(system))
        .bind(routes)
        .thenApply(AdminServer::new);
  }

  /** Requests are seen to while the actors of the broker have all other threads. */
  @SuppressWarnings("deprecation") // what is not deprecated sets one dispatcher for all streams
  private static Materializer ownThreads(ActorSystem<?> system) {
    akka.actor.ActorSystem classic = Adapter.toClassic(system);
    return ActorMaterializer.create(
        ActorMaterializerSettings.create(classic).withDispatcher(DISPATCHER), classic);
  }

  /** With the real port. */
  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** Answers what has been asked, for at most this time, then closes. */
  public CompletionStage<?> stop(Duration atMost) {
    return binding.terminate(atMost);
  }

  private static final class Routes extends AllDirectives {
    private final HealthRoutes health;
    private final StatusRoutes status;
    private final Metrics metrics;

    Routes(
        RunningBroker broker,
        Readiness readiness,
        Metrics metrics,
        BrokerConfig config,
        Instant started) {
      this.health = new HealthRoutes(broker, readiness);
      this.status = new StatusRoutes(broker, readiness, config, started);
      this.metrics = metrics;
    }

    Route route() {
      return handleExceptions(
          exceptions(),
          () ->
              handleRejections(
                  rejections(), () -> concat(health.route(), metrics(), status.route())));
    }

    private Route metrics() {
      return path("metrics", () -> get(() -> complete(scrape())));
    }

    private HttpResponse scrape() {
      return HttpResponse.create()
          .withEntity(HttpEntities.create(ContentTypes.TEXT_PLAIN_UTF8, metrics.scrape()));
    }

    private ExceptionHandler exceptions() {
      return ExceptionHandler.newBuilder()
          .matchAny(
              failure -> {
                LOG.error("A request failed", failure);
                // Tells nothing of the inside.
                return complete(
                    Json.problem(StatusCodes.INTERNAL_SERVER_ERROR, "the broker's log tells more"));
              })
          .build();
    }

    private RejectionHandler rejections() {
      return RejectionHandler.newBuilder()
          .handleAll(
              MethodRejection.class,
              rejected ->
                  complete(
                      Json.problem(
                          StatusCodes.METHOD_NOT_ALLOWED,
                          "this resource takes "
                              + rejected.stream()
                                  .map(r -> r.supported().name())
                                  .distinct()
                                  .sorted()
                                  .toList())))
          .handleNotFound(
              extractUnmatchedPath(
                  path ->
                      complete(
                          Json.problem(
                              StatusCodes.NOT_FOUND,
                              "there is no "
                                  + path
                                  + "; try /health/ready, /metrics or /api/v1/status"))))
          .build();
    }
  }
}
