package io.troupe.broker.metrics;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Says in the log, once a minute and per reason, how many messages a limit has dropped or refused,
 * so that no limit works unseen. One thread calls it.
 */
public final class DropLog {
  private final Supplier<Map<DropReason, Long>> totals;
  private final Consumer<String> warn;
  private final Map<DropReason, Long> logged = new EnumMap<>(DropReason.class);

  /**
   * @param totals messages dropped since the start, by reason
   * @param warn where the lines go
   */
  public DropLog(Supplier<Map<DropReason, Long>> totals, Consumer<String> warn) {
    this.totals = totals;
    this.warn = warn;
  }

  /** Logs what has come since the last call. */
  public void log() {
    totals
        .get()
        .forEach(
            (reason, total) -> {
              long more = total - logged.getOrDefault(reason, 0L);
              logged.put(reason, total);
              if (more > 0 && reason.isLimit()) {
                warn.accept(String.format(Locale.ROOT, "%,d %s", more, messagesThat(reason)));
              }
            });
  }

  private static String messagesThat(DropReason reason) {
    String text =
        switch (reason) {
          case QUEUE_FULL ->
              "queued messages were dropped: subscribers are beyond messages-max or bytes-max of"
                  + " their queue, whose when-full says drop-oldest or drop-newest (troupe.queue, or"
                  + " the subscriber's line in the password file)";
          case QUEUE_AGED ->
              "queued messages were dropped: they were older than their queue's age-max";
          case QUEUE_REFUSED ->
              "messages were refused: a subscriber's queue is full and its when-full says"
                  + " refuse-publisher; connect the subscriber, or unsubscribe it";
          case NODE_QUEUES_FULL ->
              "messages were refused: all queues of this node together hold"
                  + " troupe.queue.node-bytes-max";
          case SLOW_CONSUMER -> "messages were dropped: their subscribers take them too slowly";
          case RATE_LIMITED -> "messages were dropped: their publishers exceed their rate";
          case RETAINED_FULL -> "messages were not retained: troupe.retained is at its limit";
          case STORE_FAILED -> "messages were not stored and not acknowledged: the store failed";
          case OVERLOAD -> "messages were dropped: the node is overloaded";
          default -> throw new AssertionError(reason);
        };
    return text + " [" + reason.label() + "]";
  }
}
