package io.troupe.broker.partition;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.ManualTime;
import akka.persistence.testkit.PersistenceTestKitPlugin;
import akka.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import akka.persistence.testkit.javadsl.PersistenceTestKit;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;

/**
 * One actor system with a journal in memory and time that stands still until {@link #pass}; events
 * and snapshots go through their serializers.
 */
public abstract class PersistentActorFixture {
  /** The wall clock, moved together with the timers. */
  protected final AtomicLong clock = new AtomicLong(1_000_000);

  protected final ActorTestKit testKit =
      ActorTestKit.create(
          ConfigFactory.parseString("akka.actor.provider = local")
              .withFallback(config())
              .withFallback(PersistenceTestKitPlugin.config())
              .withFallback(PersistenceTestKitSnapshotPlugin.config())
              .withFallback(ManualTime.config())
              .withFallback(ActorTestKit.applicationTestConfig())
              .resolve());

  protected final ManualTime time = ManualTime.get(testKit.system());
  protected final PersistenceTestKit journal = PersistenceTestKit.create(testKit.system());

  /** Settings of one test class. */
  protected Config config() {
    return ConfigFactory.empty();
  }

  /** Lets time pass for timers and wall clock. */
  protected void pass(Duration duration) {
    clock.addAndGet(duration.toMillis());
    time.timePasses(duration);
  }

  @AfterEach
  void shutDown() {
    testKit.shutdownTestKit();
  }
}
