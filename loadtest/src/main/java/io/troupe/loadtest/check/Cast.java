package io.troupe.loadtest.check;

import io.troupe.loadtest.check.SubscriberClient.Manner;
import io.troupe.loadtest.history.Flow;
import io.troupe.loadtest.history.Subscriber;
import io.troupe.loadtest.wire.ConnectSpec;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The clients of a run: which versions, filters, QoS and manners. Topics lie under {@code
 * troupe-check/<run>}: {@code s} for the stream, {@code r} for retained messages, {@code w} for
 * wills.
 */
final class Cast {
  /** One kind of subscriber; they are taken in turn. */
  private record Part(ProtocolVersion version, String filter, Qos qos, Manner manner, int window) {}

  private static final List<Part> PARTS =
      List.of(
          new Part(ProtocolVersion.V5, "s/#", Qos.EXACTLY_ONCE, Manner.PROMPT, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/#", Qos.EXACTLY_ONCE, Manner.WANDERER, 65535),
          new Part(ProtocolVersion.V5, "s/+/q1", Qos.AT_LEAST_ONCE, Manner.LAZY, 5),
          new Part(ProtocolVersion.V3_1_1, "s/+/q2", Qos.AT_LEAST_ONCE, Manner.PROMPT, 65535),
          new Part(ProtocolVersion.V5, "s/+/q2", Qos.EXACTLY_ONCE, Manner.WANDERER, 7),
          new Part(ProtocolVersion.V3_1_1, "s/#", Qos.AT_LEAST_ONCE, Manner.LAZY, 65535),
          new Part(ProtocolVersion.V5, "s/p0/+", Qos.AT_LEAST_ONCE, Manner.WANDERER, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/p1/q2", Qos.EXACTLY_ONCE, Manner.LAZY, 65535));

  final List<PublisherClient> publishers = new ArrayList<>();
  final List<SubscriberClient> subscribers = new ArrayList<>();
  final List<WillClient> wills = new ArrayList<>();

  private final CheckPlan plan;
  private final ClientSite site;
  private final ClientSite direct;
  private final FaultClock faults;
  private final Random random;
  private int flows;

  /**
   * @param direct the site without the proxy, for will clients, whose ends are their own
   */
  Cast(CheckPlan plan, ClientSite site, ClientSite direct, FaultClock faults) {
    this.plan = plan;
    this.site = site;
    this.direct = direct;
    this.faults = faults;
    this.random = new Random(plan.seed());
    for (int i = 0; i < plan.subscribers(); i++) {
      subscriber("s" + i, PARTS.get(i % PARTS.size()));
    }
    for (int i = 0; i < plan.shareMembers(); i++) {
      ProtocolVersion version = version(i);
      Manner manner = i == 0 ? Manner.LAZY : Manner.PROMPT;
      subscriber("g1-" + i, shared(version, "$share/one/", Qos.AT_LEAST_ONCE, manner));
      subscriber("g2-" + i, shared(version, "$share/two/", Qos.EXACTLY_ONCE, manner));
    }
    for (int i = 0; i < plan.publishers(); i++) {
      publisher(i);
    }
    if (plan.willClients() > 0) {
      subscriber(
          "wills", new Part(ProtocolVersion.V5, "w/#", Qos.AT_LEAST_ONCE, Manner.PROMPT, 65535));
    }
    for (int i = 0; i < plan.willClients(); i++) {
      willClient(i);
    }
  }

  String retainedFilter() {
    return root() + "r/#";
  }

  RetainedReader retainedReader() {
    return new RetainedReader(
        direct,
        ConnectSpec.transientClient(ProtocolVersion.V5, id("reader"), Client.keepAliveSeconds()),
        random(),
        retainedFilter());
  }

  private void publisher(int index) {
    ProtocolVersion version = version(index);
    List<Flow> stream = new ArrayList<>();
    for (Qos qos : Qos.values()) {
      stream.add(flow("p" + index, "s/p" + index + "/q" + qos.level(), qos, Flow.Kind.STREAM));
    }
    double perSecond = (double) plan.messagesPerSecond() / plan.publishers();
    publishers.add(
        new PublisherClient(
            site,
            persistent(version, "p" + index, 65535),
            random(),
            stream,
            perSecond,
            plan.window()));
    List<Flow> retained = new ArrayList<>();
    // Many topics, so that most are written only once or twice, before some fault.
    for (int i = 0; i < 40; i++) {
      String topic = "r/p" + index + "/" + i;
      retained.add(flow("r" + index, topic, Qos.of(1 + i % 2), Flow.Kind.RETAINED));
    }
    publishers.add(
        new PublisherClient(
            site, persistent(version, "r" + index, 65535), random(), retained, 6, 1));
  }

  private void subscriber(String name, Part part) {
    String filter = part.filter.startsWith("$share/") ? part.filter : root() + part.filter;
    Subscriber subscriber = new Subscriber(id(name), TopicFilter.of(filter), part.qos);
    site.history().declare(subscriber);
    subscribers.add(
        new SubscriberClient(
            site, persistent(part.version, name, part.window), random(), subscriber, part.manner));
  }

  private Part shared(ProtocolVersion version, String share, Qos qos, Manner manner) {
    return new Part(version, share + root() + "s/#", qos, manner, 65535);
  }

  private void willClient(int index) {
    Flow flow = flow("w" + index, "w/" + index, Qos.AT_LEAST_ONCE, Flow.Kind.WILL);
    ConnectSpec spec =
        ConnectSpec.transientClient(version(index), id("w" + index), Client.keepAliveSeconds());
    wills.add(new WillClient(direct, spec, random(), flow, faults));
  }

  private Flow flow(String publisher, String topic, Qos qos, Flow.Kind kind) {
    Flow flow = new Flow(flows++, publisher, root() + topic, qos, kind);
    site.history().declare(flow);
    return flow;
  }

  private ConnectSpec persistent(ProtocolVersion version, String name, int receiveMaximum) {
    return ConnectSpec.persistentClient(
        version, id(name), Client.keepAliveSeconds(), receiveMaximum);
  }

  private Random random() {
    return new Random(random.nextLong());
  }

  private static ProtocolVersion version(int index) {
    return index % 2 == 0 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
  }

  private String root() {
    return "troupe-check/" + Long.toHexString(site.run()) + "/";
  }

  private String id(String name) {
    return "tc-" + Long.toHexString(site.run()) + "-" + name;
  }
}
