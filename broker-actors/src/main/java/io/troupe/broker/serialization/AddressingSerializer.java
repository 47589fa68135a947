package io.troupe.broker.serialization;

import akka.actor.ExtendedActorSystem;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.SerializerWithStringManifest;
import org.jspecify.annotations.Nullable;

/** For messages that hold addresses of actors: texts, as Akka writes them. */
public abstract class AddressingSerializer extends SerializerWithStringManifest {
  private final ExtendedActorSystem system;
  private volatile @Nullable ActorRefResolver resolver;

  protected AddressingSerializer(ExtendedActorSystem system) {
    this.system = system;
  }

  private ActorRefResolver resolver() {
    ActorRefResolver known = resolver;
    if (known == null) {
      known = ActorRefResolver.get(Adapter.toTyped(system));
      resolver = known;
    }
    return known;
  }

  protected final void writeRef(ActorRef<?> ref, ByteWriter out) {
    out.writeText(resolver().toSerializationFormat(ref));
  }

  protected final <T> ActorRef<T> readRef(ByteReader in) {
    return resolver().resolveActorRef(in.readText());
  }

  /** A message that never leaves its node. */
  protected static IllegalArgumentException local(Object object) {
    return new IllegalArgumentException("not for other nodes: " + object.getClass());
  }

  /** Bytes of a version that this node does not know. */
  protected static IllegalArgumentException unknown(String manifest) {
    return new IllegalArgumentException(
        "a message of manifest " + manifest + ": is the other node of a newer version?");
  }
}
