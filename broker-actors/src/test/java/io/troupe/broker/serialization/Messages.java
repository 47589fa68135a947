package io.troupe.broker.serialization;

import io.troupe.protocol.packet.Message;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.UserProperty;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Application messages for tests, named and random. */
public final class Messages {
  private Messages() {}

  /** A retained QoS 1 message of publisher {@code "p"} received at 1,000 ms, without properties. */
  public static Message retained(String topic, String payload) {
    return new Message(
        topic, Payload.utf8(payload), Qos.AT_LEAST_ONCE, true, MessageProperties.NONE, "p", 1_000);
  }

  /** The same with a Message Expiry Interval. */
  public static Message expiring(String topic, String payload, long receivedAt, long seconds) {
    return new Message(
        topic,
        Payload.utf8(payload),
        Qos.AT_LEAST_ONCE,
        true,
        new MessageProperties(
            MessageProperties.ABSENT,
            seconds,
            null,
            null,
            null,
            MessageProperties.NONE.userProperties()),
        "p",
        receivedAt);
  }

  /** Any message. */
  public static Arbitrary<Message> any() {
    Arbitrary<String> texts = Arbitraries.strings().all().excludeChars('\0').ofMaxLength(40);
    Arbitrary<String> valid =
        texts.filter(text -> text.chars().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF));
    return Combinators.combine(
            valid,
            payloads(),
            Arbitraries.of(Qos.class),
            Arbitraries.of(true, false),
            properties(valid),
            valid,
            Arbitraries.longs().between(0, 1L << 44))
        .as(Message::new);
  }

  private static Arbitrary<Payload> payloads() {
    return Arbitraries.bytes().array(byte[].class).ofMaxSize(200).map(Payload::wrap);
  }

  private static Arbitrary<MessageProperties> properties(Arbitrary<String> texts) {
    return Combinators.combine(
            Arbitraries.of(-1, 0, 1),
            Arbitraries.longs().between(-1, 0xFFFF_FFFFL),
            texts.injectNull(0.5),
            texts.injectNull(0.5),
            payloads().injectNull(0.5),
            Combinators.combine(texts, texts).as(UserProperty::new).list().ofMaxSize(3))
        .as(MessageProperties::new);
  }
}
