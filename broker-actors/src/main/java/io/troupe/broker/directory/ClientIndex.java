package io.troupe.broker.directory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition in the order of client identifiers (UTF-16 units). Not thread-safe;
 * owned by the partition's actor.
 */
final class ClientIndex {
  private final TreeMap<String, ClientRecord> byClient = new TreeMap<>();
  private int connected;
  private int changes;

  /**
   * What differs from what is here.
   *
   * @param wanted by client: the record, or empty: none
   */
  DirectoryEvent.Changed change(Map<String, Optional<ClientRecord>> wanted) {
    List<ClientRecord> put = new ArrayList<>();
    List<String> removed = new ArrayList<>();
    wanted.forEach(
        (clientId, client) -> {
          ClientRecord before = byClient.get(clientId);
          if (client.isPresent() && !client.get().equals(before)) {
            put.add(client.get());
          } else if (client.isEmpty() && before != null) {
            removed.add(clientId);
          }
        });
    return new DirectoryEvent.Changed(put, removed);
  }

  void apply(DirectoryEvent.Changed event) {
    event.put().forEach(this::put);
    for (String clientId : event.removed()) {
      count(byClient.remove(clientId), -1);
    }
    changes += event.size();
  }

  static ClientIndex restore(DirectoryEvent.All all) {
    ClientIndex index = new ClientIndex();
    all.clients().forEach(index::put);
    return index;
  }

  /** Everything, for a snapshot; {@link #changes} count anew from here. */
  DirectoryEvent.All snapshot() {
    changes = 0;
    return new DirectoryEvent.All(List.copyOf(byClient.values()));
  }

  private void put(ClientRecord client) {
    count(byClient.put(client.clientId(), client), -1);
    count(client, 1);
  }

  private void count(@Nullable ClientRecord client, int change) {
    connected += client != null && client.isConnected() ? change : 0;
  }

  @Nullable ClientRecord get(String clientId) {
    return byClient.get(clientId);
  }

  Collection<ClientRecord> all() {
    return byClient.values();
  }

  int size() {
    return byClient.size();
  }

  /** How many have a connection, to a node alive or gone. */
  int connected() {
    return connected;
  }

  /** Records changed since the last {@link #snapshot} or {@link #restore}. */
  int changes() {
    return changes;
  }

  /**
   * The clients whose identifier begins with a text and is greater than another.
   *
   * @param after the last client of the page before, or empty
   */
  ClientPage page(String prefix, String after, int limit) {
    boolean fromPrefix = after.compareTo(prefix) < 0;
    List<ClientRecord> clients = new ArrayList<>();
    for (ClientRecord client : byClient.tailMap(fromPrefix ? prefix : after, fromPrefix).values()) {
      if (!client.clientId().startsWith(prefix)) {
        break;
      }
      if (clients.size() >= limit) {
        return new ClientPage(clients, true);
      }
      clients.add(client);
    }
    return new ClientPage(clients, false);
  }
}
