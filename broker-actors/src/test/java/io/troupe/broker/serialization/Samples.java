package io.troupe.broker.serialization;

import akka.actor.typed.ActorRef;
import io.troupe.broker.config.ClientLimits;
import io.troupe.broker.connection.Undelivered;
import io.troupe.broker.routing.RouteChange;
import io.troupe.broker.routing.Subscriber;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.UserProperty;
import io.troupe.protocol.topic.TopicFilter;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An instance of any record, the same at each call: every field has a value of its own, lists have
 * as many elements as their sealed type has cases, at least two.
 */
public final class Samples {
  private static final int DEPTH_MAX = 8;

  private final ActorRef<?> address;
  private int number;
  private int depth;

  /**
   * @param address for all fields that are addresses
   */
  public Samples(ActorRef<?> address) {
    this.address = address;
  }

  /** A sample of a record, or of the first case of a sealed interface. */
  public <T> T of(Class<T> type) {
    number = 0;
    return type.cast(value(type, 0));
  }

  private Object value(Type type, int which) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      return list(list.getActualTypeArguments()[0]);
    }
    Class<?> raw = (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
    number++;
    if (raw == int.class || raw == Integer.class) {
      return 1 + number % 2;
    } else if (raw == long.class || raw == Long.class) {
      return 1000L * number;
    } else if (raw == boolean.class) {
      return number % 2 == 0;
    } else if (raw == String.class) {
      return "text/" + number;
    } else if (raw.isEnum()) {
      return raw == ReasonCode.class ? ReasonCode.QUOTA_EXCEEDED : raw.getEnumConstants()[1];
    }
    return structure(raw, which);
  }

  private Object structure(Class<?> raw, int which) {
    if (raw == ActorRef.class) {
      return address;
    } else if (raw == TopicFilter.class) {
      return TopicFilter.of("$share/g/a/+/" + number);
    } else if (raw == Payload.class) {
      return Payload.utf8("payload " + number);
    } else if (raw == ClientLimits.class) {
      return ClientLimits.parse("type=application,age-max=7d,when-full=drop-newest");
    } else if (raw == MessageProperties.class) {
      return new MessageProperties(
          1,
          60,
          "content",
          "response",
          Payload.utf8("correlation"),
          List.of(new UserProperty("name", "value")));
    } else if (raw == Packet.class) {
      return Pubcomp.of(7, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND);
    } else if (raw == RouteChange.class) {
      Subscriber subscriber = (Subscriber) value(Subscriber.class, 0);
      return new RouteChange(
          subscriber.subscription().filter(), true, subscriber.clientId(), subscriber);
    } else if (raw.isSealed()) {
      Class<?>[] cases = raw.getPermittedSubclasses();
      return value(cases[which % cases.length], which);
    }
    return record(raw);
  }

  private List<Object> list(Type element) {
    int size = 2;
    if (element instanceof Class<?> raw && raw.isSealed()) {
      size = Math.max(2, raw.getPermittedSubclasses().length);
    }
    List<Object> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(value(element, i));
    }
    return list;
  }

  private Object record(Class<?> raw) {
    RecordComponent[] components = raw.getRecordComponents();
    if (components == null) {
      throw new AssertionError("no sample of " + raw);
    }
    depth++;
    try {
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        Class<?> type = components[i].getType();
        // a counter stays on its node; a chain of its own kind ends with the second
        boolean left =
            type == Undelivered.Parcel.class || (type == raw && depth > 1) || depth > DEPTH_MAX;
        values[i] = left ? null : value(components[i].getGenericType(), 0);
      }
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      Constructor<?> constructor = raw.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(raw.toString(), e);
    } finally {
      depth--;
    }
  }
}
