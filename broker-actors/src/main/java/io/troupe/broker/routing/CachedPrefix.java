package io.troupe.broker.routing;

import io.troupe.protocol.topic.TopicFilter;
import org.jspecify.annotations.Nullable;

/**
 * A node's copy of the filters under one prefix. The writer changes the content first and then
 * {@link #version}; readers read the version first. So what was read with a version that still
 * stands is complete.
 */
final class CachedPrefix {
  /** Empty after it was given up: routes kept longer must not keep a long text. The writer's. */
  String key;

  final int partition;
  final int holdId;

  /** Counts the changes. */
  volatile int version;

  /** Null before it is loaded and after it was given up. */
  volatile @Nullable PrefixFilters<CachedFilter> content;

  /** Content on its way, that replaces the present one when it is complete; the writer's. */
  private @Nullable PrefixFilters<CachedFilter> loading;

  /** Whether a route that was asked for needs it, since the last look; races do no harm. */
  boolean used = true;

  CachedPrefix(String key, int partition, int holdId) {
    this.key = key;
    this.partition = partition;
    this.holdId = holdId;
  }

  boolean isLoaded() {
    return content != null;
  }

  /**
   * Takes a part of the content.
   *
   * @return whether the content is complete now
   */
  boolean load(PartitionUpdate.Content part) {
    PrefixFilters<CachedFilter> target = part.first() ? new PrefixFilters<>(key) : loading;
    if (target == null) {
      throw new IllegalStateException("content before its beginning: " + key);
    }
    part.filters().forEach(change -> apply(target, change));
    loading = part.last() ? null : target;
    if (part.last()) {
      content = target;
      changed();
    }
    return part.last();
  }

  /** Applies a change to what is loaded and to what is on its way; {@link #changed} follows. */
  void apply(RouteChange change) {
    PrefixFilters<CachedFilter> target = content;
    if (target != null) {
      apply(target, change);
    }
    target = loading;
    if (target != null) {
      apply(target, change);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void changed() {
    version++;
  }

  void giveUp() {
    key = "";
    content = null;
    loading = null;
    changed();
  }

  private void apply(PrefixFilters<CachedFilter> target, RouteChange change) {
    TopicFilter filter = change.filter();
    CachedFilter cached = target.get(filter.filter());
    if (cached == null) {
      cached = new CachedFilter(partition);
      cached.apply(change);
      if (!cached.isEmpty()) {
        target.put(filter.filter(), cached);
      }
      return;
    }
    cached.apply(change);
    if (cached.isEmpty()) {
      target.remove(filter.filter());
    }
  }
}
