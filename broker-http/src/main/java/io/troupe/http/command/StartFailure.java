package io.troupe.http.command;

import io.troupe.broker.BrokerStartException;
import io.troupe.broker.config.HttpConfig;
import io.troupe.broker.store.StoreStartException;
import io.troupe.protocol.transport.ListenerException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The broker cannot start; the message tells a person why and what to do. */
final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private static final List<String> BUILT_IN = List.of("tcp", "tls", "ws", "wss");

  StartFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** What went wrong, in words for people if its kind is known. */
  static StartFailure of(Throwable failure) {
    Throwable cause = failure;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof BrokerStartException && cause.getCause() instanceof ListenerException e) {
      cause = e;
    }
    if (cause instanceof ListenerException e) {
      return new StartFailure(e.advice() + portOption(e.advice()), e);
    }
    if (cause instanceof AccessDeniedException e) {
      return new StartFailure(
          "no permission for "
              + e.getFile()
              + "; let this user own it, or choose another data folder with --data",
          e);
    }
    if (cause instanceof BrokerStartException
        || cause instanceof StoreStartException
        || cause instanceof IOException) {
      return new StartFailure(String.valueOf(cause.getMessage()), cause);
    }
    return new StartFailure("the start failed: " + cause, cause);
  }

  static StartFailure ofAdministration(HttpConfig http, Throwable failure) {
    return new StartFailure(
        "http cannot bind "
            + http.bind()
            + ":"
            + http.port()
            + ": if another program uses this port, stop it or choose another one with --http-port"
            + " or troupe.http.port ("
            + of(failure).getMessage()
            + ")",
        failure);
  }

  /** The option of a listener's port, when the advice is about one. */
  private static String portOption(String advice) {
    if (!advice.contains("cannot bind")) {
      return "";
    }
    for (String name : BUILT_IN) {
      if (advice.startsWith("listener " + name + " ")) {
        return ". " + portAdvice(name);
      }
    }
    return "";
  }

  /** How to choose another port for a listener. */
  static String portAdvice(String listener) {
    String key = "troupe.listeners." + listener + ".port";
    if (!BUILT_IN.contains(listener)) {
      return "Choose another port with " + key;
    }
    String option = listener.equals("tcp") ? "--port" : "--" + listener + "-port";
    return "Choose another port with " + option + " or " + key;
  }
}
