package io.troupe.broker.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.cluster.ClusterEvent;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Subscribe;
import io.troupe.broker.directory.DirectorySharding;
import io.troupe.broker.metrics.LinkMetrics;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One per node: a link in each direction with every other node, from when it joins the cluster
 * until it is removed. A link keeps order and loses nothing; it breaks only when one of the two
 * nodes ends, or one of the two actors by a mistake of ours. Then both nodes hear of it: sessions
 * lose their connections there, connections are closed whose sessions were there, and a new link
 * begins.
 */
final class LinkActor extends AbstractBehavior<LinkActor.Command> {
  /** Under this name every node has one. */
  static final String NAME = "link";

  private static final Logger LOG = LoggerFactory.getLogger(LinkActor.class);

  /** What it takes. */
  sealed interface Command {}

  /**
   * Another node opens its link to this one; answered with {@link LinkSenderActor.Opened}. Repeated
   * until then.
   *
   * @param node the other's incarnation
   * @param linkId another whenever the link begins anew
   */
  record Open(String node, long linkId, ActorRef<LinkSenderActor.Command> sender)
      implements Command {}

  private record MemberChanged(Member member) implements Command {}

  private record SenderEnded(String node, long linkId) implements Command {}

  private record ReceiverEnded(String node, long linkId) implements Command {}

  /** What there is of one other node. */
  private static final class Peer {
    final Member member;
    long sendingId;
    ActorRef<LinkSenderActor.Command> sender;
    Outbox outbox;
    long receivingId;
    @Nullable ActorRef<LinkReceiverActor.Command> receiver;

    Peer(Member member, long id, ActorRef<LinkSenderActor.Command> sender, Outbox outbox) {
      this.member = member;
      this.sendingId = id;
      this.sender = sender;
      this.outbox = outbox;
    }
  }

  private final Links links;
  private final Cluster cluster;
  private final String own;
  private final Map<String, Peer> peers = new HashMap<>();
  private long lastId = System.currentTimeMillis();

  static Behavior<Command> create(Links links) {
    return Behaviors.setup(context -> new LinkActor(context, links));
  }

  private LinkActor(ActorContext<Command> context, Links links) {
    super(context);
    this.links = links;
    this.cluster = Cluster.get(context.getSystem());
    this.own = DirectorySharding.incarnation(cluster.selfMember().uniqueAddress());
    ActorRef<ClusterEvent.MemberEvent> changes =
        context.messageAdapter(
            ClusterEvent.MemberEvent.class, event -> new MemberChanged(event.member()));
    cluster.subscriptions().tell(Subscribe.create(changes, ClusterEvent.MemberEvent.class));
    cluster.state().getMembers().forEach(this::onMember);
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder()
        .onMessage(Open.class, this::onOpen)
        .onMessage(MemberChanged.class, changed -> onMember(changed.member()))
        .onMessage(SenderEnded.class, this::onSenderEnded)
        .onMessage(ReceiverEnded.class, this::onReceiverEnded)
        .build();
  }

  private Behavior<Command> onMember(Member member) {
    String node = DirectorySharding.incarnation(member.uniqueAddress());
    Peer peer = peers.get(node);
    if (member.status().equals(MemberStatus.removed())) {
      if (peer != null) {
        peers.remove(node);
        stop(peer);
        links.lost(peer.outbox, peer.member.address());
        LOG.info("The links with {} have ended: it is no member of the cluster any more", node);
      }
    } else if (peer == null && !node.equals(own)) {
      peers.put(node, newPeer(member, node));
    }
    return this;
  }

  private Peer newPeer(Member member, String node) {
    long linkId = ++lastId;
    Outbox outbox = links.outbox(node);
    Peer peer = new Peer(member, linkId, sender(member, node, linkId, outbox), outbox);
    links.found(outbox, member.address());
    return peer;
  }

  private ActorRef<LinkSenderActor.Command> sender(
      Member member, String node, long linkId, Outbox outbox) {
    ActorRef<Command> other =
        ActorRefResolver.get(getContext().getSystem())
            .resolveActorRef(member.address() + "/system/" + NAME);
    ActorRef<LinkSenderActor.Command> sender =
        getContext()
            .spawn(
                LinkSenderActor.create(own, linkId, outbox, other, links.metrics()),
                "to-" + linkId);
    getContext().watchWith(sender, new SenderEnded(node, linkId));
    return sender;
  }

  private Behavior<Command> onOpen(Open open) {
    Peer peer = peers.get(open.node());
    if (peer == null) {
      // It is repeated until this node knows that one to be a member.
      return this;
    }
    ActorRef<LinkReceiverActor.Command> receiver = peer.receiver;
    if (receiver != null && open.linkId() < peer.receivingId) {
      return this;
    }
    if (receiver != null && open.linkId() > peer.receivingId) {
      getContext().stop(receiver);
      receiver = null;
      broken(peer);
    }
    if (receiver == null) {
      receiver =
          getContext()
              .spawn(
                  LinkReceiverActor.create(open.node(), open.linkId(), open.sender(), links),
                  "from-" + ++lastId);
      getContext().watchWith(receiver, new ReceiverEnded(open.node(), open.linkId()));
      peer.receiver = receiver;
      peer.receivingId = open.linkId();
    }
    open.sender().tell(new LinkSenderActor.Opened(open.linkId(), receiver, LinkCodec.VERSION));
    return this;
  }

  /** The other node will open its link anew. */
  private Behavior<Command> onReceiverEnded(ReceiverEnded ended) {
    Peer peer = peers.get(ended.node());
    if (peer != null && ended.linkId() == peer.receivingId) {
      peer.receiver = null;
      broken(peer);
    }
    return this;
  }

  private Behavior<Command> onSenderEnded(SenderEnded ended) {
    Peer peer = peers.get(ended.node());
    if (peer != null && ended.linkId() == peer.sendingId) {
      LOG.warn("The link to {} has broken; its clients must reconnect", ended.node());
      links.metrics().of(LinkMetrics.Direction.SENT).broken().increment();
      links.lost(peer.outbox, peer.member.address());
      peer.sendingId = ++lastId;
      peer.outbox = links.outbox(ended.node());
      peer.sender = sender(peer.member, ended.node(), peer.sendingId, peer.outbox);
      links.found(peer.outbox, peer.member.address());
    }
    return this;
  }

  /** What that node sent last is lost: all who rely on it begin anew. */
  private void broken(Peer peer) {
    LOG.warn("The link from {} has broken; its clients must reconnect", peer.outbox.node());
    links.metrics().of(LinkMetrics.Direction.RECEIVED).broken().increment();
    links.broken(peer.outbox);
  }

  private void stop(Peer peer) {
    getContext().stop(peer.sender);
    if (peer.receiver != null) {
      getContext().stop(peer.receiver);
    }
  }
}
