package io.troupe.broker.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;

/**
 * Subscribers by client identifier: a short list while they are few, a map when they are many. One
 * thread writes, any number read meanwhile.
 */
final class SubscriberSet {
  private static final int FEW = 8;

  private volatile List<Subscriber> few = List.of();
  private volatile ConcurrentMap<String, Subscriber> many = NONE;

  private static final ConcurrentMap<String, Subscriber> NONE = new ConcurrentHashMap<>(1);

  boolean isEmpty() {
    return few.isEmpty() && many.isEmpty();
  }

  void put(Subscriber subscriber) {
    if (many != NONE) {
      many.put(subscriber.clientId(), subscriber);
      return;
    }
    List<Subscriber> list = without(subscriber.clientId());
    list.add(subscriber);
    if (list.size() <= FEW) {
      few = List.copyOf(list);
      return;
    }
    ConcurrentMap<String, Subscriber> map = new ConcurrentHashMap<>();
    list.forEach(each -> map.put(each.clientId(), each));
    many = map;
    few = List.of();
  }

  void remove(String clientId) {
    if (many == NONE) {
      few = List.copyOf(without(clientId));
      return;
    }
    many.remove(clientId);
    if (many.isEmpty()) {
      many = NONE;
    }
  }

  private List<Subscriber> without(String clientId) {
    List<Subscriber> list = new ArrayList<>(few);
    list.removeIf(each -> each.clientId().equals(clientId));
    return list;
  }

  /**
   * Hands over each subscriber; one that is put meanwhile maybe, and while the list becomes a map
   * possibly twice.
   */
  void forEach(Consumer<? super Subscriber> each) {
    few.forEach(each);
    many.values().forEach(each);
  }
}
