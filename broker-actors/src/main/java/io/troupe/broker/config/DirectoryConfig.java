package io.troupe.broker.config;

/**
 * The index of all clients.
 *
 * @param partitions fixed for the life of the data
 */
public record DirectoryConfig(int partitions) {

  static DirectoryConfig read(ConfigReader in) {
    return new DirectoryConfig(in.integer("partitions", 1, 1024));
  }
}
