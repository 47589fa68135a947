package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The sending end between a node and a partition: items in order, none lost, each batch until it is
 * acknowledged while the next gathers. An item may replace a waiting one of the same key, so that
 * what waits is bounded by what exists. Not thread safe.
 */
final class OrderedLink<T> {
  /** Items sent together. */
  record Batch<T>(long sequence, List<T> items) {}

  private final int batchWeightMax;
  private final ToIntFunction<T> weight;
  private final Map<Object, T> waiting = new LinkedHashMap<>();
  private @Nullable Batch<T> underWay;
  private long sequence;
  private long sentAtMillis;

  /**
   * @param batchWeightMax a batch ends with the item that reaches it, so that it fits a frame
   *     between nodes
   */
  OrderedLink(int batchWeightMax, ToIntFunction<T> weight) {
    this.batchWeightMax = batchWeightMax;
    this.weight = weight;
  }

  /** Adds an item, in place of any waiting one of the same key but after all others. */
  @Nullable T offer(Object key, T item) {
    T replaced = waiting.remove(key);
    waiting.put(key, item);
    return replaced;
  }

  @Nullable T withdraw(Object key) {
    return waiting.remove(key);
  }

  boolean isIdle() {
    return underWay == null && waiting.isEmpty();
  }

  /** The next batch to send now, or null: nothing waits or one is under way. */
  @Nullable Batch<T> next(long nowMillis) {
    if (underWay != null || waiting.isEmpty()) {
      return null;
    }
    List<T> items = new ArrayList<>();
    int total = 0;
    Iterator<T> iterator = waiting.values().iterator();
    while (total < batchWeightMax && iterator.hasNext()) {
      T item = iterator.next();
      total += weight.applyAsInt(item);
      items.add(item);
      iterator.remove();
    }
    sentAtMillis = nowMillis;
    Batch<T> batch = new Batch<>(++sequence, List.copyOf(items));
    underWay = batch;
    return batch;
  }

  /** The batch under way, if it was sent longer ago than this, to be sent again. */
  @Nullable Batch<T> repeat(long nowMillis, long afterMillis) {
    if (underWay == null || nowMillis - sentAtMillis < afterMillis) {
      return null;
    }
    sentAtMillis = nowMillis;
    return underWay;
  }

  /** The items that have arrived; empty for an acknowledgement that came before. */
  List<T> acknowledged(long acknowledgedSequence) {
    Batch<T> batch = underWay;
    if (batch == null || batch.sequence() != acknowledgedSequence) {
      return List.of();
    }
    underWay = null;
    return batch.items();
  }

  /** All items that have not been acknowledged. */
  List<T> open() {
    List<T> items = new ArrayList<>();
    if (underWay != null) {
      items.addAll(underWay.items());
    }
    items.addAll(waiting.values());
    return items;
  }
}
