package io.troupe.deploy.clients;

import io.troupe.broker.wire.BrokerUnderTest;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One broker for all tests with real clients. */
@ExtendWith(ClientsTest.SharedBroker.class)
abstract class ClientsTest {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static volatile BrokerUnderTest broker;

  static final class SharedBroker implements BeforeAllCallback {
    @Override
    public void beforeAll(ExtensionContext context) {
      broker =
          context
              .getRoot()
              .getStore(Namespace.GLOBAL)
              .getOrComputeIfAbsent(
                  SharedBroker.class,
                  key -> BrokerUnderTest.start(Map.of()),
                  BrokerUnderTest.class);
    }
  }

  static int port() {
    return broker.port();
  }

  static int wsPort() {
    return broker.wsPort();
  }

  static String fresh(String prefix) {
    return prefix + NAMES.incrementAndGet();
  }
}
