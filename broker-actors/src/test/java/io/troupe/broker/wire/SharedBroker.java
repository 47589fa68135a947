package io.troupe.broker.wire;

import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** One broker of the default settings for all wire tests of a run, stopped at its end. */
final class SharedBroker implements BeforeAllCallback {
  private static volatile BrokerUnderTest running;

  static BrokerUnderTest get() {
    return running;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    running =
        context
            .getRoot()
            .getStore(Namespace.GLOBAL)
            .getOrComputeIfAbsent(
                SharedBroker.class, key -> BrokerUnderTest.start(Map.of()), BrokerUnderTest.class);
  }
}
