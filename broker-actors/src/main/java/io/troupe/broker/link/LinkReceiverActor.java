package io.troupe.broker.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.troupe.broker.connection.FromSession;
import io.troupe.broker.metrics.LinkMetrics;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.MessageTable;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Payload;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Takes what one other node sends, in order and each batch once, and hands it to sessions and
 * connections of this node.
 */
final class LinkReceiverActor extends AbstractBehavior<LinkReceiverActor.Command> {
  private static final int KNOWN_MAX = 10_000;

  /** What it takes. */
  sealed interface Command {}

  /**
   * A part of a batch.
   *
   * @param batch 1, 2, 3 ... of its link
   * @param part from 0
   */
  record Part(long batch, int part, int parts, Payload bytes) implements Command {}

  private final String node;
  private final long linkId;
  private final ActorRef<LinkSenderActor.Command> sender;
  private final Links links;
  private final LinkMetrics.Counts received;
  private final ActorRefResolver resolver;
  private final Map<Integer, Part> parts = new TreeMap<>();

  /** Sessions by their addresses as texts: finding one by its text costs more than all the rest. */
  private final Map<String, ActorRef<ClientSessionActor.Command>> known = new HashMap<>();

  private long taken;

  /**
   * @param node the other's incarnation
   */
  static Behavior<Command> create(
      String node, long linkId, ActorRef<LinkSenderActor.Command> sender, Links links) {
    return Behaviors.setup(context -> new LinkReceiverActor(context, node, linkId, sender, links));
  }

  private LinkReceiverActor(
      ActorContext<Command> context,
      String node,
      long linkId,
      ActorRef<LinkSenderActor.Command> sender,
      Links links) {
    super(context);
    this.node = node;
    this.linkId = linkId;
    this.sender = sender;
    this.links = links;
    this.received = links.metrics().of(LinkMetrics.Direction.RECEIVED);
    this.resolver = ActorRefResolver.get(context.getSystem());
  }

  @Override
  public Receive<Command> createReceive() {
    return newReceiveBuilder().onMessage(Part.class, this::onPart).build();
  }

  private Behavior<Command> onPart(Part part) {
    if (part.batch() == taken + 1) {
      parts.put(part.part(), part);
      if (parts.size() < part.parts()) {
        return this;
      }
      byte[] bytes = joined();
      parts.clear();
      taken++;
      take(bytes);
    }
    sender.tell(new LinkSenderActor.Taken(linkId, taken));
    return this;
  }

  private byte[] joined() {
    int length = 0;
    for (Part each : parts.values()) {
      length += each.bytes().length();
    }
    byte[] bytes = new byte[length];
    int at = 0;
    for (Part each : parts.values()) {
      System.arraycopy(each.bytes().array(), 0, bytes, at, each.bytes().length());
      at += each.bytes().length();
    }
    return bytes;
  }

  private void take(byte[] bytes) {
    ByteReader in = new ByteReader(bytes);
    MessageTable messages = new MessageTable();
    int items = 0;
    while (in.hasRemaining()) {
      take(LinkCodec.read(this::session, messages, in));
      items++;
    }
    received.batch(bytes.length, items);
  }

  private void take(LinkItem item) {
    if (item instanceof LinkItem.ToSession to) {
      to.session().tell(to.parcel() == 0 ? to.command() : counted(to.command(), to.parcel()));
    } else if (item instanceof LinkItem.ToClient to) {
      links.receiver().toClient(to.clientId(), to.command());
    } else if (item instanceof LinkItem.ToConnection to) {
      boolean there = links.receiver().toConnection(node, to.connectionId(), to.content());
      if (!there) {
        received.dropped().increment();
      }
      if (!there && to.content() instanceof FromSession.Attached) {
        // It closed before it knew where its session is.
        links.toClient(
            node, to.clientId(), new ClientSessionActor.Detach(to.connectionId(), true, -1));
      }
    } else if (item instanceof LinkItem.Took took) {
      links.took(node, took.parcel());
    } else if (item instanceof LinkItem.Figures figures) {
      links.receiver().figures(node, figures.figures());
    } else {
      throw new AssertionError(item);
    }
  }

  /** Those who publish there wait for the session as if it were on their node. */
  private ClientSessionActor.Command counted(ClientSessionActor.Command command, long parcel) {
    return command instanceof ClientSessionActor.Deliver deliver
        ? new ClientSessionActor.Deliver(
            deliver.messages(),
            deliver.delivery(),
            deliver.next(),
            () -> links.tellTook(node, parcel))
        : command;
  }

  private ActorRef<ClientSessionActor.Command> session(String text) {
    if (known.size() >= KNOWN_MAX && !known.containsKey(text)) {
      known.clear();
    }
    return known.computeIfAbsent(text, resolver::resolveActorRef);
  }
}
