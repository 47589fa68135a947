package io.troupe.broker.directory;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * A page of a listing of clients, in the order of their identifiers (UTF-16 units).
 *
 * @param more whether clients follow after the last one
 */
public record ClientPage(List<ClientRecord> clients, boolean more) {

  public ClientPage {
    clients = List.copyOf(clients);
  }

  /** One page of at most {@code limit} clients from a page of each partition. */
  static ClientPage merge(Collection<ClientPage> pages, int limit) {
    List<ClientRecord> all = new ArrayList<>();
    boolean more = false;
    for (ClientPage page : pages) {
      all.addAll(page.clients);
      more |= page.more;
    }
    all.sort(Comparator.comparing(ClientRecord::clientId));
    return all.size() > limit
        ? new ClientPage(all.subList(0, limit), true)
        : new ClientPage(all, more);
  }
}
