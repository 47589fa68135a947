package io.troupe.broker.config;

/**
 * Limits of retained messages, for the whole cluster.
 *
 * @param partitions fixed for the life of the data
 * @param prefixLevels topics with the same first levels, this many, lie in one partition
 */
public record RetainedConfig(int partitions, long messagesMax, long bytesMax, int prefixLevels) {

  /** The part of the heap that retained messages may take: there they are, besides the store. */
  private static final int HEAP_PART = 4;

  static RetainedConfig read(ConfigReader in) {
    return new RetainedConfig(
        in.integer("partitions", 1, 1024),
        in.whole("messages-max", 0, 1_000_000_000),
        in.bytes("bytes-max", 0, 1L << 40, Runtime.getRuntime().maxMemory() / HEAP_PART),
        in.integer("prefix-levels", 1, 16));
  }
}
