package io.troupe.protocol.codec;

import io.troupe.protocol.packet.Auth;
import io.troupe.protocol.packet.Connack;
import io.troupe.protocol.packet.Connect;
import io.troupe.protocol.packet.Disconnect;
import io.troupe.protocol.packet.MessageProperties;
import io.troupe.protocol.packet.Packet;
import io.troupe.protocol.packet.Payload;
import io.troupe.protocol.packet.Pingreq;
import io.troupe.protocol.packet.Pingresp;
import io.troupe.protocol.packet.ProtocolVersion;
import io.troupe.protocol.packet.Puback;
import io.troupe.protocol.packet.Pubcomp;
import io.troupe.protocol.packet.Publish;
import io.troupe.protocol.packet.Pubrec;
import io.troupe.protocol.packet.Pubrel;
import io.troupe.protocol.packet.Qos;
import io.troupe.protocol.packet.ReasonCode;
import io.troupe.protocol.packet.Suback;
import io.troupe.protocol.packet.Subscribe;
import io.troupe.protocol.packet.Unsuback;
import io.troupe.protocol.packet.Unsubscribe;
import io.troupe.protocol.packet.UserProperty;
import io.troupe.protocol.packet.Will;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.RandomDistribution;

/** Valid packets of a version, drawn at random; what the version cannot say is left unset. */
public final class PacketArbitraries {
  private PacketArbitraries() {}

  /** Packets that this side sends. */
  public static Arbitrary<Packet> sentBy(Role sender, ProtocolVersion version) {
    Arbitrary<Packet> both = Arbitraries.oneOf(publish(sender, version), acks(sender, version));
    Role receiver = sender == Role.CLIENT ? Role.SERVER : Role.CLIENT;
    Arbitrary<Packet> own =
        sender == Role.CLIENT
            ? Arbitraries.oneOf(
                subscribe(version), unsubscribe(version), Arbitraries.just(Pingreq.INSTANCE))
            : Arbitraries.oneOf(
                connack(version),
                suback(version),
                unsuback(version),
                Arbitraries.just(Pingresp.INSTANCE));
    if (!version.isV5()) {
      return sender == Role.CLIENT
          ? Arbitraries.oneOf(
              both, own, Arbitraries.just(Disconnect.of(ReasonCode.SUCCESS)).map(d -> d))
          : Arbitraries.oneOf(both, own);
    }
    return Arbitraries.oneOf(both, own, disconnect(receiver), auth(receiver));
  }

  /** Strings as MQTT allows them: no U+0000, no lone surrogate; BOM and non-characters included. */
  static Arbitrary<String> strings() {
    Arbitrary<String> ascii = Arbitraries.strings().ascii().excludeChars('\0').ofMaxLength(40);
    Arbitrary<String> unicode =
        Arbitraries.integers()
            .between(1, 0x10FFFF)
            .filter(c -> c < 0xD800 || c > 0xDFFF)
            .map(Character::toString)
            .list()
            .ofMaxSize(20)
            .map(l -> String.join("", l));
    return Arbitraries.oneOf(ascii, unicode, Arbitraries.of("", "\uFEFF", "a\uFEFFb", "\uFFFF"));
  }

  static Arbitrary<String> topics() {
    return strings().map(s -> s.replace("+", "p").replace("#", "h")).filter(s -> !s.isEmpty());
  }

  static Arbitrary<Payload> payloads() {
    return Arbitraries.bytes()
        .array(byte[].class)
        .ofMaxSize(300)
        .withSizeDistribution(RandomDistribution.uniform())
        .map(Payload::wrap);
  }

  static Arbitrary<List<UserProperty>> userProperties() {
    return Combinators.combine(strings(), strings()).as(UserProperty::new).list().ofMaxSize(4);
  }

  private static Arbitrary<Long> fourBytes() {
    return Arbitraries.longs().between(0, 0xFFFFFFFFL);
  }

  private static Arbitrary<Integer> packetIds() {
    return Arbitraries.integers().between(1, 65535);
  }

  static Arbitrary<MessageProperties> messageProperties() {
    return Combinators.combine(
            Arbitraries.of(-1, 0),
            Arbitraries.oneOf(Arbitraries.just(-1L), fourBytes()),
            strings().injectNull(0.5),
            topics().injectNull(0.5),
            payloads().injectNull(0.5),
            userProperties())
        .as(MessageProperties::new);
  }

  static Arbitrary<Packet> publish(Role sender, ProtocolVersion version) {
    Arbitrary<MessageProperties> properties =
        version.isV5() ? messageProperties() : Arbitraries.just(MessageProperties.NONE);
    Arbitrary<Integer> alias =
        version.isV5() ? Arbitraries.integers().between(0, 65535) : Arbitraries.just(0);
    Arbitrary<List<Integer>> ids =
        version.isV5() && sender == Role.SERVER
            ? Arbitraries.integers().between(1, 268_435_455).list().ofMaxSize(3)
            : Arbitraries.just(List.of());
    return Combinators.combine(
            topics(),
            payloads(),
            Arbitraries.of(Qos.class),
            Arbitraries.of(true, false),
            Arbitraries.of(true, false),
            Combinators.combine(packetIds(), alias).as((p, a) -> new int[] {p, a}),
            properties,
            ids)
        .as(
            (topic, payload, qos, retain, dup, numbers, props, subscriptionIds) ->
                new Publish(
                    topic,
                    payload,
                    qos,
                    retain,
                    dup && qos != Qos.AT_MOST_ONCE,
                    qos == Qos.AT_MOST_ONCE ? 0 : numbers[0],
                    numbers[1],
                    props,
                    subscriptionIds));
  }

  static Arbitrary<Packet> acks(Role sender, ProtocolVersion version) {
    Role receiver = sender == Role.CLIENT ? Role.SERVER : Role.CLIENT;
    boolean v5 = version.isV5();
    Arbitrary<ReasonCode> answers = reasons(LegalReasons.publishAnswer(receiver), v5);
    Arbitrary<ReasonCode> releases = reasons(LegalReasons.RELEASE, v5);
    Arbitrary<String> text = v5 ? strings().injectNull(0.5) : nothing();
    Arbitrary<List<UserProperty>> users = v5 ? userProperties() : Arbitraries.just(List.of());
    return Arbitraries.oneOf(
        Combinators.combine(packetIds(), answers, text, users).as(Puback::new),
        Combinators.combine(packetIds(), answers, text, users).as(Pubrec::new),
        Combinators.combine(packetIds(), releases, text, users).as(Pubrel::new),
        Combinators.combine(packetIds(), releases, text, users).as(Pubcomp::new));
  }

  private static Arbitrary<ReasonCode> reasons(Set<ReasonCode> legal, boolean v5) {
    return v5 ? Arbitraries.of(legal) : Arbitraries.just(ReasonCode.SUCCESS);
  }

  private static <T> Arbitrary<T> nothing() {
    return Arbitraries.just((T) null);
  }

  static Arbitrary<Connect> connect(ProtocolVersion version) {
    boolean v5 = version.isV5();
    Arbitrary<MessageProperties> willProperties =
        v5 ? messageProperties() : Arbitraries.just(MessageProperties.NONE);
    Arbitrary<Will> will =
        Combinators.combine(
                topics(),
                payloads(),
                Arbitraries.of(Qos.class),
                Arbitraries.of(true, false),
                v5 ? fourBytes() : Arbitraries.just(0L),
                willProperties)
            .as(Will::new);
    Arbitrary<Connect> base =
        Combinators.combine(
                strings().filter(s -> !s.isEmpty()),
                Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 65535),
                strings().injectNull(0.3),
                payloads().injectNull(0.3),
                will.injectNull(0.3))
            .as(
                (id, clean, keepAlive, user, password, w) ->
                    new Connect(
                        version,
                        id,
                        clean,
                        keepAlive,
                        user,
                        user == null && !v5 ? null : password,
                        w,
                        v5 || clean ? 0 : Connect.NEVER_EXPIRES,
                        65535,
                        Connect.NO_LIMIT,
                        0,
                        false,
                        true,
                        null,
                        null,
                        List.of()));
    return v5 ? base.flatMap(PacketArbitraries::withProperties) : base;
  }

  private static Arbitrary<Connect> withProperties(Connect c) {
    return Combinators.combine(
            fourBytes(),
            Arbitraries.integers().between(1, 65535),
            Arbitraries.longs().between(1, 0xFFFFFFFFL),
            Arbitraries.integers().between(0, 65535),
            Arbitraries.of(true, false),
            strings().injectNull(0.5),
            payloads().injectNull(0.5),
            userProperties())
        .as(
            (expiry, receive, size, aliases, info, method, data, users) ->
                new Connect(
                    c.version(),
                    c.clientId(),
                    c.cleanStart(),
                    c.keepAliveSeconds(),
                    c.username(),
                    c.password(),
                    c.will(),
                    expiry,
                    receive,
                    size,
                    aliases,
                    info,
                    !info,
                    method,
                    method == null ? null : data,
                    users));
  }

  static Arbitrary<Packet> connack(ProtocolVersion version) {
    if (!version.isV5()) {
      return Arbitraries.of(
              ReasonCode.SUCCESS,
              ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
              ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
              ReasonCode.SERVER_UNAVAILABLE,
              ReasonCode.BAD_USER_NAME_OR_PASSWORD,
              ReasonCode.NOT_AUTHORIZED)
          .map(
              r ->
                  new Connack(
                      r == ReasonCode.SUCCESS && version == ProtocolVersion.V3_1_1, r, null));
    }
    Arbitrary<Connack.Properties> properties =
        Combinators.combine(
                Arbitraries.oneOf(Arbitraries.just(-1L), fourBytes()),
                Arbitraries.integers().between(1, 65535),
                Arbitraries.of(-1, 0, 1),
                Arbitraries.longs().between(1, 0xFFFFFFFFL),
                Arbitraries.of(true, false),
                strings().injectNull(0.5),
                payloads().injectNull(0.5),
                userProperties())
            .as(
                (expiry, receive, qos, size, flag, text, data, users) ->
                    new Connack.Properties(
                        expiry, receive, qos, flag, size, text, receive, text, users, !flag, flag,
                        !flag, receive, text, text, text, data));
    return Combinators.combine(
            Arbitraries.of(true, false), Arbitraries.of(LegalReasons.CONNACK), properties)
        .as((present, r, p) -> new Connack(present && r == ReasonCode.SUCCESS, r, p));
  }

  static Arbitrary<Packet> subscribe(ProtocolVersion version) {
    boolean v5 = version.isV5();
    Arbitrary<Subscribe.Entry> entry =
        Combinators.combine(
                strings(),
                Arbitraries.of(Qos.class),
                Arbitraries.of(true, false),
                Arbitraries.of(true, false),
                Arbitraries.integers().between(0, 2))
            .as(
                (filter, qos, noLocal, published, handling) ->
                    v5
                        ? new Subscribe.Entry(
                            filter,
                            qos,
                            noLocal && !filter.startsWith("$share/"),
                            published,
                            handling)
                        : Subscribe.Entry.of(filter, qos));
    return Combinators.combine(
            packetIds(),
            v5 ? Arbitraries.integers().between(0, 268_435_455) : Arbitraries.just(0),
            v5 ? userProperties() : Arbitraries.just(List.<UserProperty>of()),
            entry.list().ofMinSize(1).ofMaxSize(5))
        .as(Subscribe::new);
  }

  static Arbitrary<Packet> suback(ProtocolVersion version) {
    boolean v5 = version.isV5();
    return Combinators.combine(
            packetIds(),
            Arbitraries.of(v5 ? LegalReasons.SUBACK : LegalReasons.SUBACK_3)
                .list()
                .ofMinSize(1)
                .ofMaxSize(5),
            v5 ? strings().injectNull(0.5) : PacketArbitraries.<String>nothing(),
            v5 ? userProperties() : Arbitraries.just(List.<UserProperty>of()))
        .as(Suback::new);
  }

  static Arbitrary<Packet> unsubscribe(ProtocolVersion version) {
    return Combinators.combine(
            packetIds(),
            version.isV5() ? userProperties() : Arbitraries.just(List.<UserProperty>of()),
            strings().list().ofMinSize(1).ofMaxSize(5))
        .as(Unsubscribe::new);
  }

  static Arbitrary<Packet> unsuback(ProtocolVersion version) {
    if (!version.isV5()) {
      return packetIds().map(id -> new Unsuback(id, List.of(), null, List.of()));
    }
    return Combinators.combine(
            packetIds(),
            Arbitraries.of(LegalReasons.UNSUBACK).list().ofMinSize(1).ofMaxSize(5),
            strings().injectNull(0.5),
            userProperties())
        .as(Unsuback::new);
  }

  static Arbitrary<Packet> disconnect(Role receiver) {
    boolean toServer = receiver == Role.SERVER;
    return Combinators.combine(
            Arbitraries.of(LegalReasons.disconnect(receiver)),
            toServer ? fourBytes() : Arbitraries.just(-1L),
            strings().injectNull(0.5),
            toServer ? PacketArbitraries.<String>nothing() : strings().injectNull(0.5),
            userProperties())
        .as(Disconnect::new);
  }

  static Arbitrary<Packet> auth(Role receiver) {
    return Combinators.combine(
            Arbitraries.of(LegalReasons.auth(receiver)),
            strings(),
            payloads().injectNull(0.5),
            strings().injectNull(0.5),
            userProperties())
        .as(Auth::new);
  }
}
