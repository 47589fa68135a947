package io.troupe.http;

import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.model.StatusCode;
import akka.http.javadsl.model.StatusCodes;
import akka.http.javadsl.server.AllDirectives;
import akka.http.javadsl.server.Route;
import java.util.Map;

/** {@code /health/live} and {@code /health/ready}: 200 or 503, with what was checked. */
final class HealthRoutes extends AllDirectives {
  private final RunningBroker broker;
  private final Readiness readiness;

  HealthRoutes(RunningBroker broker, Readiness readiness) {
    this.broker = broker;
    this.readiness = readiness;
  }

  Route route() {
    return pathPrefix(
        "health",
        () ->
            concat(
                path("live", () -> get(() -> complete(live()))),
                path("ready", () -> get(() -> complete(ready())))));
  }

  private HttpResponse live() {
    boolean alive = !broker.terminated().toCompletableFuture().isDone();
    return Json.response(status(alive), Map.of("status", alive ? "up" : "down"));
  }

  private HttpResponse ready() {
    var checks = readiness.checks();
    boolean ready = checks.stream().allMatch(Readiness.Check::ok);
    return Json.response(
        status(ready), Map.of("status", ready ? "ready" : "not ready", "checks", checks));
  }

  private static StatusCode status(boolean ok) {
    return ok ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE;
  }
}
