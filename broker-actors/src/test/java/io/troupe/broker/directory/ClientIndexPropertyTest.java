package io.troupe.broker.directory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class ClientIndexPropertyTest {

  @Provide
  Arbitrary<String> clientIds() {
    return Arbitraries.strings().withChars('a', 'b', 'é').ofMaxLength(3);
  }

  /** Records to put; a wake time of 0 stands for a removal. */
  @Provide
  Arbitrary<List<ClientRecord>> changes() {
    return Combinators.combine(
            clientIds(), Arbitraries.of("", "n1", "n2"), Arbitraries.longs().between(0, 3))
        .as(ClientRecord::new)
        .list()
        .ofMaxSize(40);
  }

  @Property
  void theIndexIsAMapInOrder(@ForAll("changes") List<ClientRecord> changes) {
    ClientIndex index = new ClientIndex();
    Map<String, ClientRecord> model = new TreeMap<>();

    for (ClientRecord change : changes) {
      boolean removal = change.wakeAtMillis() == 0;
      index.apply(
          index.change(
              Map.of(change.clientId(), removal ? Optional.empty() : Optional.of(change))));
      if (removal) {
        model.remove(change.clientId());
      } else {
        model.put(change.clientId(), change);
      }
    }

    assertEquals(List.copyOf(model.values()), List.copyOf(index.all()));
    assertEquals(
        model.values().stream().filter(ClientRecord::isConnected).count(), index.connected());
    assertEquals(index.snapshot(), ClientIndex.restore(index.snapshot()).snapshot());
  }

  @Property
  void pagesOfAllPartitionsTogetherAreTheWholeListing(
      @ForAll("changes") List<ClientRecord> records,
      @ForAll("clientIds") String prefix,
      @ForAll @IntRange(min = 1, max = 5) int limit,
      @ForAll @IntRange(min = 1, max = 3) int partitions) {
    List<ClientIndex> indexes = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      indexes.add(new ClientIndex());
    }
    Map<String, ClientRecord> model = new TreeMap<>();
    for (ClientRecord client : records) {
      indexes
          .get(Math.floorMod(client.clientId().hashCode(), partitions))
          .apply(new DirectoryEvent.Changed(List.of(client), List.of()));
      model.put(client.clientId(), client);
    }

    List<ClientRecord> listed = new ArrayList<>();
    ClientPage page;
    String after = "";
    do {
      String from = after;
      page =
          ClientPage.merge(
              indexes.stream().map(index -> index.page(prefix, from, limit)).toList(), limit);
      assertTrue(page.clients().size() <= limit);
      listed.addAll(page.clients());
      after = listed.isEmpty() ? "" : listed.get(listed.size() - 1).clientId();
    } while (page.more());

    List<ClientRecord> expected =
        model.values().stream()
            .filter(client -> client.clientId().startsWith(prefix))
            .filter(client -> !client.clientId().isEmpty())
            .toList();
    assertEquals(expected, listed.stream().filter(client -> !client.clientId().isEmpty()).toList());
  }
}
