package io.troupe.loadtest.check;

import io.troupe.loadtest.wire.Loops;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Random;

/** A proxy before each node. */
final class CutProxies implements AutoCloseable {
  private final List<CutProxy> proxies;

  CutProxies(Loops loops, List<InetSocketAddress> targets) {
    proxies = targets.stream().map(target -> new CutProxy(loops, target)).toList();
  }

  List<InetSocketAddress> addresses() {
    return proxies.stream().map(CutProxy::address).toList();
  }

  CutProxy oneOf(Random random) {
    return proxies.size() == 1 ? proxies.get(0) : proxies.get(random.nextInt(proxies.size()));
  }

  @Override
  public void close() {
    proxies.forEach(CutProxy::close);
  }
}
