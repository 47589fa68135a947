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
  /** Of the sessions that outlive the run. */
  static final int SESSION_EXPIRY_SECONDS = 86_400;

  /** What is published less often: one of so many messages of a publisher. */
  private static final int RARE = 16;

  private static final int MESSAGE_EXPIRY_SECONDS = 2;

  /** One kind of subscriber; they are taken in turn. Filters are separated by blanks. */
  private record Part(
      ProtocolVersion version, String filters, Qos qos, Manner manner, int window) {}

  private static final List<Part> PARTS =
      List.of(
          new Part(ProtocolVersion.V5, "s/#", Qos.EXACTLY_ONCE, Manner.PROMPT, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/#", Qos.EXACTLY_ONCE, Manner.WANDERER, 65535),
          new Part(ProtocolVersion.V5, "s/+/q1", Qos.AT_LEAST_ONCE, Manner.LAZY, 5),
          new Part(ProtocolVersion.V3_1_1, "s/+/q2", Qos.AT_LEAST_ONCE, Manner.PROMPT, 65535),
          new Part(ProtocolVersion.V5, "s/+/q2", Qos.EXACTLY_ONCE, Manner.WANDERER, 7),
          new Part(ProtocolVersion.V3_1_1, "s/#", Qos.AT_LEAST_ONCE, Manner.LAZY, 65535),
          new Part(ProtocolVersion.V5, "s/p0/+", Qos.AT_LEAST_ONCE, Manner.WANDERER, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/p1/q2", Qos.EXACTLY_ONCE, Manner.LAZY, 65535),
          new Part(ProtocolVersion.V5, "s/p0/+ s/# s/+/q2", Qos.EXACTLY_ONCE, Manner.JUMPER, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/+/q1 s/+/q2", Qos.EXACTLY_ONCE, Manner.JUMPER, 65535),
          new Part(ProtocolVersion.V5, "s/#", Qos.EXACTLY_ONCE, Manner.FRESH, 65535),
          new Part(ProtocolVersion.V3_1_1, "s/+/q1", Qos.AT_LEAST_ONCE, Manner.FICKLE, 65535),
          new Part(ProtocolVersion.V5, "s/p1/# s/+/q2", Qos.EXACTLY_ONCE, Manner.FICKLE, 20),
          new Part(ProtocolVersion.V5, "s/#", Qos.EXACTLY_ONCE, Manner.EXPIRING, 100),
          new Part(ProtocolVersion.V5, "s/+/rare", Qos.EXACTLY_ONCE, Manner.WANDERER, 1),
          new Part(ProtocolVersion.V5, "s/+/expiring", Qos.AT_LEAST_ONCE, Manner.WANDERER, 2));

  /** Members of a share group behave alike in each. */
  private record Group(String share, Qos qos, List<Manner> manners, int window) {}

  private static final List<Group> GROUPS =
      List.of(
          new Group("one", Qos.AT_LEAST_ONCE, List.of(Manner.LAZY, Manner.PROMPT), 65535),
          new Group("two", Qos.EXACTLY_ONCE, List.of(Manner.LAZY, Manner.PROMPT), 65535),
          new Group("three", Qos.EXACTLY_ONCE, List.of(Manner.WANDERER, Manner.JUMPER), 10));

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
      for (Group group : GROUPS) {
        Manner manner = group.manners.get(Math.min(i, group.manners.size() - 1));
        String filter = "$share/" + group.share + "/" + root() + "s/#";
        Part part = new Part(version(i), filter, group.qos, manner, group.window);
        subscriber("g-" + group.share + "-" + i, part);
      }
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
    double perSecond = (double) plan.messagesPerSecond() / plan.publishers();
    publishers.add(
        new PublisherClient(
            site,
            persistent(version, "p" + index, 65535),
            random(),
            stream(index, version),
            perSecond,
            1 + random.nextInt(plan.window()),
            index % 2 == 1));
    List<Flow> retained = new ArrayList<>();
    // Many topics, so that most are written only once or twice, before some fault.
    for (int i = 0; i < 40; i++) {
      String topic = "r/p" + index + "/" + i;
      retained.add(flow("r" + index, topic, Qos.of(1 + i % 2), Flow.Kind.RETAINED));
    }
    publishers.add(
        new PublisherClient(
            site, persistent(version, "r" + index, 65535), random(), retained, 6, 1, false));
  }

  /** What a publisher picks from: a flow for each QoS, and now and then one of the rare ones. */
  private List<Flow> stream(int index, ProtocolVersion version) {
    List<Flow> often = new ArrayList<>();
    for (Qos qos : Qos.values()) {
      often.add(flow("p" + index, "s/p" + index + "/q" + qos.level(), qos, Flow.Kind.STREAM));
    }
    List<Flow> stream = new ArrayList<>();
    for (int i = 0; i < RARE - 2; i++) {
      stream.add(often.get(i % often.size()));
    }
    stream.add(flow("p" + index, "s/p" + index + "/rare", Qos.EXACTLY_ONCE, Flow.Kind.STREAM));
    // A paused broker looks at its clock before, and sends after: its messages may look expired.
    if (version.isV5() && !plan.faults().contains(Fault.PAUSE)) {
      Flow expiring =
          new Flow(
              flows++,
              "p" + index,
              root() + "s/p" + index + "/expiring",
              Qos.AT_LEAST_ONCE,
              Flow.Kind.STREAM,
              MESSAGE_EXPIRY_SECONDS);
      site.history().declare(expiring);
      stream.add(expiring);
    }
    return stream;
  }

  private void subscriber(String name, Part part) {
    List<TopicFilter> filters = new ArrayList<>();
    for (String filter : part.filters.split(" ", -1)) {
      filters.add(TopicFilter.of(filter.startsWith("$share/") ? filter : root() + filter));
    }
    boolean lasting = part.manner != Manner.EXPIRING;
    Subscriber subscriber = new Subscriber(id(name), filters, part.qos, lasting);
    site.history().declare(subscriber);
    subscribers.add(
        new SubscriberClient(
            site, persistent(part.version, name, part.window), random(), subscriber, part.manner));
  }

  private void willClient(int index) {
    Flow flow = flow("w" + index, "w/" + index, Qos.AT_LEAST_ONCE, Flow.Kind.WILL);
    ConnectSpec spec =
        ConnectSpec.transientClient(version(index), id("w" + index), Client.keepAliveSeconds());
    wills.add(new WillClient(direct, spec, random(), flow, faults, index % 4 == 2));
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
