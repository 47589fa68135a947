package io.troupe.deploy.faults;

import io.troupe.deploy.TroupeProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** What a broker says of itself, and waiting for it. */
final class Health {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

  private Health() {}

  static HttpResponse<String> ready(TroupeProcess broker) {
    return get(broker, "/health/ready");
  }

  static HttpResponse<String> live(TroupeProcess broker) {
    return get(broker, "/health/live");
  }

  /** Waits until {@code /health/ready} answers so. */
  static void awaitStatus(TroupeProcess broker, int status) {
    await("readiness " + status, () -> ready(broker).statusCode() == status);
  }

  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("waited too long: " + what);
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
    }
  }

  private static HttpResponse<String> get(TroupeProcess broker, String path) {
    try {
      URI uri = URI.create("http://127.0.0.1:" + broker.httpPort() + path);
      return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
