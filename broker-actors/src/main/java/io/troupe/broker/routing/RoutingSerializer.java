package io.troupe.broker.routing;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import io.troupe.broker.routing.TopicPartitionActor.Append;
import io.troupe.broker.routing.TopicPartitionActor.AppendEntry;
import io.troupe.broker.routing.TopicPartitionActor.FromNode;
import io.troupe.broker.routing.TopicPartitionActor.NodeAcknowledged;
import io.troupe.broker.routing.TopicPartitionActor.Pause;
import io.troupe.broker.routing.TopicPartitionActor.Read;
import io.troupe.broker.routing.TopicPartitionActor.Settled;
import io.troupe.broker.routing.TopicPartitionActor.SharedRefused;
import io.troupe.broker.routing.TopicPartitionActor.SharedSettled;
import io.troupe.broker.serialization.ByteReader;
import io.troupe.broker.serialization.ByteWriter;
import io.troupe.broker.serialization.MessageCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages to partitions and to {@link RouteCacheActor}s on other nodes as bytes. The manifest
 * names message and version.
 */
public final class RoutingSerializer extends SerializerWithStringManifest
    implements RoutingCodec.Refs {
  private static final String APPEND = "pa1";
  private static final String READ = "pr1";
  private static final String SETTLED = "ps1";
  private static final String SHARED_SETTLED = "pg1";
  private static final String SHARED_REFUSED = "pb1";
  private static final String PAUSE = "pp1";
  private static final String FROM_NODE = "pn1";
  private static final String NODE_ACKNOWLEDGED = "pk1";
  private static final String HELLO = "nh1";
  private static final String FROM_PARTITION = "np1";
  private static final String PARTITION_ACKNOWLEDGED = "nk1";

  private final ExtendedActorSystem system;
  private final RoutingCodec codec = new RoutingCodec(this);
  private volatile @Nullable ActorRefResolver resolver;

  /** Made by Akka. */
  public RoutingSerializer(ExtendedActorSystem system) {
    this.system = system;
  }

  @Override
  public int identifier() {
    return 7_421;
  }

  private ActorRefResolver resolver() {
    ActorRefResolver known = resolver;
    if (known == null) {
      known = ActorRefResolver.get(Adapter.toTyped(system));
      resolver = known;
    }
    return known;
  }

  @Override
  public String write(ActorRef<?> ref) {
    return resolver().toSerializationFormat(ref);
  }

  @Override
  public <T> ActorRef<T> read(String text) {
    return resolver().resolveActorRef(text);
  }

  @Override
  public String manifest(Object object) {
    if (object instanceof Append) {
      return APPEND;
    } else if (object instanceof Read) {
      return READ;
    } else if (object instanceof Settled) {
      return SETTLED;
    } else if (object instanceof SharedSettled) {
      return SHARED_SETTLED;
    } else if (object instanceof SharedRefused) {
      return SHARED_REFUSED;
    } else if (object instanceof Pause) {
      return PAUSE;
    } else if (object instanceof FromNode) {
      return FROM_NODE;
    } else if (object instanceof NodeAcknowledged) {
      return NODE_ACKNOWLEDGED;
    } else if (object instanceof RouteCacheActor.Hello) {
      return HELLO;
    } else if (object instanceof RouteCacheActor.FromPartition) {
      return FROM_PARTITION;
    } else if (object instanceof RouteCacheActor.PartitionAcknowledged) {
      return PARTITION_ACKNOWLEDGED;
    }
    throw new IllegalArgumentException("not for other nodes: " + object.getClass());
  }

  @Override
  public byte[] toBinary(Object object) {
    ByteWriter out = new ByteWriter(256);
    if (object instanceof Append append) {
      out.writeNumber(append.batchId());
      RoutingCodec.writeList(append.entries(), out, entry -> write(entry, out));
      codec.writeRef(append.replyTo(), out);
    } else if (object instanceof Read read) {
      out.writeText(read.filter()).writeText(read.clientId()).writeNumber(read.fromOffset());
      out.writeNumber(read.messagesMax()).writeNumber(read.bytesMax());
      codec.writeRef(read.replyTo(), out);
    } else if (object instanceof Settled settled) {
      out.writeText(settled.filter()).writeText(settled.clientId()).writeNumber(settled.below());
    } else if (object instanceof SharedSettled settled) {
      write(settled.filter(), settled.clientId(), settled.offsets(), out);
    } else if (object instanceof SharedRefused refused) {
      write(refused.filter(), refused.clientId(), refused.offsets(), out);
    } else if (object instanceof Pause pause) {
      out.writeText(pause.filter()).writeText(pause.clientId());
    } else if (object instanceof FromNode message) {
      codec.writeRef(message.node(), out);
      out.writeNumber(message.incarnation()).writeNumber(message.sequence());
      RoutingCodec.writeList(message.requests(), out, each -> codec.writeRequest(each, out));
    } else if (object instanceof NodeAcknowledged message) {
      codec.writeRef(message.node(), out);
      out.writeNumber(message.incarnation()).writeNumber(message.sequence());
    } else {
      writeToNode(object, out);
    }
    return out.toByteArray();
  }

  private void writeToNode(Object object, ByteWriter out) {
    if (object instanceof RouteCacheActor.Hello hello) {
      out.writeNumber(hello.partition()).writeNumber(hello.incarnation());
    } else if (object instanceof RouteCacheActor.FromPartition message) {
      out.writeNumber(message.partition())
          .writeNumber(message.incarnation())
          .writeNumber(message.sequence());
      RoutingCodec.writeList(message.updates(), out, each -> codec.writeUpdate(each, out));
      codec.writeRef(message.replyTo(), out);
    } else if (object instanceof RouteCacheActor.PartitionAcknowledged message) {
      out.writeNumber(message.partition())
          .writeNumber(message.incarnation())
          .writeNumber(message.sequence());
    } else {
      throw new IllegalArgumentException("not for other nodes: " + object.getClass());
    }
  }

  private static void write(AppendEntry entry, ByteWriter out) {
    MessageCodec.write(entry.message(), out);
    out.writeByte(entry.retry() ? 1 : 0)
        .writeNumber(entry.sequence())
        .writeNumber(entry.forgetBelow());
  }

  private static void write(String filter, String clientId, List<Long> offsets, ByteWriter out) {
    out.writeText(filter).writeText(clientId);
    RoutingCodec.writeList(offsets, out, out::writeNumber);
  }

  @Override
  public Object fromBinary(byte[] bytes, String manifest) {
    ByteReader in = new ByteReader(bytes);
    return switch (manifest) {
      case APPEND ->
          new Append(
              in.readNumber(),
              RoutingCodec.readList(in, 8, RoutingSerializer::readEntry),
              codec.readRef(in));
      case READ ->
          new Read(
              in.readText(),
              in.readText(),
              in.readNumber(),
              in.readInt(),
              in.readInt(),
              codec.readRef(in));
      case SETTLED -> new Settled(in.readText(), in.readText(), in.readNumber());
      case SHARED_SETTLED -> new SharedSettled(in.readText(), in.readText(), readOffsets(in));
      case SHARED_REFUSED -> new SharedRefused(in.readText(), in.readText(), readOffsets(in));
      case PAUSE -> new Pause(in.readText(), in.readText());
      case FROM_NODE ->
          new FromNode(
              codec.readRef(in),
              in.readNumber(),
              in.readNumber(),
              RoutingCodec.readList(in, 1, codec::readRequest));
      case NODE_ACKNOWLEDGED ->
          new NodeAcknowledged(codec.readRef(in), in.readNumber(), in.readNumber());
      case HELLO -> new RouteCacheActor.Hello(in.readInt(), in.readNumber());
      case FROM_PARTITION ->
          new RouteCacheActor.FromPartition(
              in.readInt(),
              in.readNumber(),
              in.readNumber(),
              RoutingCodec.readList(in, 3, codec::readUpdate),
              codec.readRef(in));
      case PARTITION_ACKNOWLEDGED ->
          new RouteCacheActor.PartitionAcknowledged(in.readInt(), in.readNumber(), in.readNumber());
      default -> throw new IllegalArgumentException("unknown manifest " + manifest);
    };
  }

  private static AppendEntry readEntry(ByteReader in) {
    io.troupe.protocol.packet.Message message = MessageCodec.read(in);
    boolean retry = in.readByte() != 0;
    return new AppendEntry(message, in.readNumber(), in.readNumber(), retry);
  }

  private static List<Long> readOffsets(ByteReader in) {
    return RoutingCodec.readList(in, 1, ByteReader::readNumber);
  }
}
