package io.troupe.broker.routing;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.session.ClientSessionActor;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.session.Subscription;
import io.troupe.protocol.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The parts that messages between partitions and nodes are made of, as bytes, version 1.
 *
 * <p>An enumeration of kinds is a byte; actor references are texts, empty for none. Fields may be
 * added at the end of a message: what is missing there has its default.
 */
final class RoutingCodec {
  private static final int NO_LOCAL = 4;
  private static final int RETAIN_AS_PUBLISHED = 8;
  private static final int DURABLE = 16;

  private static final int HOLD = 1;
  private static final int RELEASE = 2;
  private static final int SUBSCRIBE = 3;
  private static final int UNSUBSCRIBE = 4;
  private static final int OFFLINE = 5;
  private static final int PRESENT = 6;
  private static final int COMPLETE = 7;
  private static final int UNSUBSCRIBE_KEEP = 8;
  private static final int UNSUBSCRIBE_SHARED = 9;
  private static final int OFFLINE_SHARED = 10;

  private static final int CONTENT = 1;
  private static final int CHANGED = 2;
  private static final int DONE = 3;

  /** Actor references as texts and back. */
  interface Refs {
    String write(ActorRef<?> ref);

    <T> ActorRef<T> read(String text);
  }

  private final Refs refs;

  RoutingCodec(Refs refs) {
    this.refs = refs;
  }

  void writeRef(@Nullable ActorRef<?> ref, ByteWriter out) {
    out.writeText(ref == null ? "" : refs.write(ref));
  }

  <T> ActorRef<T> readRef(ByteReader in) {
    return refs.read(in.readText());
  }

  private @Nullable ActorRef<ClientSessionActor.Command> readSession(ByteReader in) {
    String text = in.readText();
    return text.isEmpty() ? null : refs.read(text);
  }

  static <T> void writeList(List<T> list, ByteWriter out, java.util.function.Consumer<T> each) {
    out.writeNumber(list.size());
    list.forEach(each);
  }

  static <T> List<T> readList(ByteReader in, int bytesEach, Function<ByteReader, T> each) {
    int count = in.readCount(bytesEach);
    List<T> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      list.add(each.apply(in));
    }
    return List.copyOf(list);
  }

  // Subscribers.

  void writeSubscriber(Subscriber subscriber, ByteWriter out) {
    Subscription subscription = subscriber.subscription();
    out.writeText(subscriber.clientId())
        .writeText(subscription.filter().text())
        .writeByte(
            subscription.qos().level()
                | (subscription.noLocal() ? NO_LOCAL : 0)
                | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                | (subscriber.durable() ? DURABLE : 0)
                | (subscription.retainHandling() << 6))
        .writeNumber(subscription.subscriptionId())
        .writeNumber(subscriber.credit())
        .writeText(subscriber.limits().text());
    writeRef(subscriber.session(), out);
  }

  Subscriber readSubscriber(ByteReader in) {
    String clientId = in.readText();
    TopicFilter filter = TopicFilter.of(in.readText());
    int flags = in.readByte();
    Subscription subscription =
        new Subscription(
            filter,
            Qos.of(flags & 3),
            (flags & NO_LOCAL) != 0,
            (flags & RETAIN_AS_PUBLISHED) != 0,
            flags >> 6,
            in.readInt());
    int credit = in.readInt();
    return new Subscriber(
        clientId,
        subscription,
        (flags & DURABLE) != 0,
        ClientLimits.parse(in.readText()),
        credit,
        readSession(in));
  }

  // What nodes tell.

  void writeRequest(NodeRequest request, ByteWriter out) {
    if (request instanceof NodeRequest.Change change) {
      writeChange(change, out);
    } else if (request instanceof NodeRequest.Hold hold) {
      out.writeByte(HOLD).writeText(hold.prefix()).writeNumber(hold.holdId());
    } else if (request instanceof NodeRequest.Release release) {
      out.writeByte(RELEASE).writeText(release.prefix()).writeNumber(release.holdId());
    } else if (request instanceof NodeRequest.Present present) {
      out.writeByte(PRESENT);
      writeSubscriber(present.subscriber(), out);
    } else if (request instanceof NodeRequest.Complete) {
      out.writeByte(COMPLETE);
    } else {
      throw new AssertionError(request);
    }
  }

  private void writeChange(NodeRequest.Change change, ByteWriter out) {
    if (change.command() instanceof TopicPartitionActor.Subscribe subscribe) {
      out.writeByte(SUBSCRIBE).writeNumber(change.requestId());
      writeSubscriber(subscribe.subscriber(), out);
      out.writeNumber(subscribe.nextOffset());
      writeRef(subscribe.replyTo(), out);
    } else if (change.command() instanceof TopicPartitionActor.Unsubscribe unsubscribe) {
      List<Long> taken = unsubscribe.taken();
      int plain = unsubscribe.keep() ? UNSUBSCRIBE_KEEP : UNSUBSCRIBE;
      out.writeByte(taken == null ? plain : UNSUBSCRIBE_SHARED)
          .writeNumber(change.requestId())
          .writeText(unsubscribe.filter())
          .writeText(unsubscribe.clientId());
      writeTaken(taken, out);
      writeRef(unsubscribe.replyTo(), out);
    } else if (change.command() instanceof TopicPartitionActor.Offline offline) {
      List<Long> taken = offline.taken();
      out.writeByte(taken == null ? OFFLINE : OFFLINE_SHARED)
          .writeNumber(change.requestId())
          .writeText(offline.filter())
          .writeText(offline.clientId());
      writeTaken(taken, out);
      writeRef(offline.session(), out);
    } else {
      throw new AssertionError(change);
    }
  }

  NodeRequest readRequest(ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case HOLD -> new NodeRequest.Hold(in.readText(), in.readInt());
      case RELEASE -> new NodeRequest.Release(in.readText(), in.readInt());
      case SUBSCRIBE ->
          new NodeRequest.Change(
              in.readNumber(),
              new TopicPartitionActor.Subscribe(readSubscriber(in), in.readNumber(), readRef(in)));
      case UNSUBSCRIBE, UNSUBSCRIBE_KEEP ->
          new NodeRequest.Change(
              in.readNumber(),
              new TopicPartitionActor.Unsubscribe(
                  in.readText(), in.readText(), kind == UNSUBSCRIBE_KEEP, null, readRef(in)));
      case UNSUBSCRIBE_SHARED ->
          new NodeRequest.Change(
              in.readNumber(),
              new TopicPartitionActor.Unsubscribe(
                  in.readText(), in.readText(), false, readTaken(in), readRef(in)));
      case OFFLINE ->
          new NodeRequest.Change(
              in.readNumber(),
              new TopicPartitionActor.Offline(in.readText(), in.readText(), readRef(in)));
      case OFFLINE_SHARED ->
          new NodeRequest.Change(
              in.readNumber(),
              new TopicPartitionActor.Offline(
                  in.readText(), in.readText(), readTaken(in), readRef(in)));
      case PRESENT -> new NodeRequest.Present(readSubscriber(in));
      case COMPLETE -> new NodeRequest.Complete();
      default -> throw new IllegalArgumentException("request of kind " + kind);
    };
  }

  private static void writeTaken(@Nullable List<Long> taken, ByteWriter out) {
    if (taken != null) {
      writeList(taken, out, out::writeNumber);
    }
  }

  private static List<Long> readTaken(ByteReader in) {
    return readList(in, 1, ByteReader::readNumber);
  }

  // What partitions tell.

  void writeUpdate(PartitionUpdate update, ByteWriter out) {
    if (update instanceof PartitionUpdate.Changed changed) {
      out.writeByte(CHANGED);
      writeRouteChange(changed.change(), out);
    } else if (update instanceof PartitionUpdate.Content content) {
      out.writeByte(CONTENT)
          .writeText(content.prefix())
          .writeNumber(content.holdId())
          .writeByte((content.first() ? 1 : 0) | (content.last() ? 2 : 0));
      writeList(content.filters(), out, change -> writeRouteChange(change, out));
    } else if (update instanceof PartitionUpdate.Done done) {
      out.writeByte(DONE)
          .writeText(done.filter())
          .writeText(done.clientId())
          .writeNumber(done.requestId());
    } else {
      throw new AssertionError(update);
    }
  }

  PartitionUpdate readUpdate(ByteReader in) {
    int kind = in.readByte();
    return switch (kind) {
      case CHANGED -> new PartitionUpdate.Changed(readRouteChange(in));
      case CONTENT -> {
        String prefix = in.readText();
        int holdId = in.readInt();
        int flags = in.readByte();
        yield new PartitionUpdate.Content(
            prefix,
            holdId,
            readList(in, 4, this::readRouteChange),
            (flags & 1) != 0,
            (flags & 2) != 0);
      }
      case DONE -> new PartitionUpdate.Done(in.readText(), in.readText(), in.readNumber());
      default -> throw new IllegalArgumentException("update of kind " + kind);
    };
  }

  private void writeRouteChange(RouteChange change, ByteWriter out) {
    Subscriber subscriber = change.subscriber();
    out.writeByte((change.queued() ? 1 : 0) | (subscriber != null ? 2 : 0));
    if (subscriber != null) {
      writeSubscriber(subscriber, out);
    } else {
      out.writeText(change.filter().text()).writeText(change.clientId());
    }
  }

  private RouteChange readRouteChange(ByteReader in) {
    int flags = in.readByte();
    boolean queued = (flags & 1) != 0;
    if ((flags & 2) != 0) {
      Subscriber subscriber = readSubscriber(in);
      return new RouteChange(
          subscriber.subscription().filter(), queued, subscriber.clientId(), subscriber);
    }
    return new RouteChange(TopicFilter.of(in.readText()), queued, in.readText(), null);
  }
}
