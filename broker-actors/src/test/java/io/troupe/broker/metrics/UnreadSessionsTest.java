package io.troupe.broker.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class UnreadSessionsTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(UnreadSessions.class);
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong(-5);
  private final UnreadSessions sessions = new UnreadSessions(nanos::get);

  @BeforeEach
  void listen() {
    appender.start();
    logger.addAppender(appender);
    logger.setAdditive(false);
  }

  @AfterEach
  void stopListening() {
    logger.setAdditive(true);
    logger.detachAppender(appender);
  }

  private List<String> logged() {
    return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void allAreCountedAndOneASecondIsLogged() {
    String first =
        "The session of client a?b cannot be read from the store, who connects with it is refused:"
            + " the disk is gone";
    sessions.add("a\nb", new IllegalStateException("replay", new Exception("the disk is gone")));
    sessions.add("b", new IllegalStateException("replay"));
    sessions.add("c", new IllegalStateException("replay"));

    assertEquals(List.of(first), logged());
    nanos.addAndGet(1_000_000_000L);
    sessions.add("d", new IllegalStateException("replay"));

    assertEquals(4, sessions.count());
    assertEquals(
        first.replace("a?b", "d").replace("the disk is gone", "replay (and 2 others before)"),
        logged().get(1));
  }
}
