package io.troupe.broker.serialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.SerializerWithStringManifest;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Every message of every actor either stays on its node or has bytes of its own, which later
 * versions must understand: those of this version are kept in {@code samples/messages.properties}.
 */
class RemoteMessagesTest {
  private static final String ROOT = "io.troupe.broker.";

  /** Protocols that are used within one node only. */
  private static final Set<String> LOCAL_PROTOCOLS = Set.of("routing.NodesActor$Command");

  /** What actors tell themselves, or others on the same node. */
  private static final Set<String> LOCAL =
      Set.of(
          "connection.IngressActor$RouteReady",
          "directory.ClientDirectoryActor$Go",
          "directory.ClientDirectoryActor$Tick",
          "directory.ClientDirectoryActor$Turn",
          "link.LinkActor$MemberChanged",
          "link.LinkActor$ReceiverEnded",
          "link.LinkActor$SenderEnded",
          "link.LinkSenderActor$Look",
          "link.LinkSenderActor$ReceiverEnded",
          "link.LinkSenderActor$Tick",
          "retained.RetainedPartitionActor$Expire",
          "retained.RetainedPartitionActor$Go",
          "retained.RetainedPartitionActor$Turn",
          "routing.RouteCacheActor$Carry",
          "routing.RouteCacheActor$Resolve",
          "routing.RouteCacheActor$SessionStopped",
          "routing.RouteCacheActor$Tick",
          // carried within FromNode
          "routing.TopicPartitionActor$Subscribe",
          "routing.TopicPartitionActor$Unsubscribe",
          "routing.TopicPartitionActor$Offline",
          "routing.TopicPartitionActor$AppendAgain",
          "routing.TopicPartitionActor$AppendDone",
          "routing.TopicPartitionActor$Continue",
          "routing.TopicPartitionActor$Flush",
          "routing.TopicPartitionActor$Go",
          "routing.TopicPartitionActor$Nodes",
          "routing.TopicPartitionActor$PageRead",
          "routing.TopicPartitionActor$QueueLoaded",
          "routing.TopicPartitionActor$SequencesRead",
          "routing.TopicPartitionActor$Tick",
          "session.ClientSessionActor$AnswersOverdue",
          "session.ClientSessionActor$DetachOverdue",
          "session.ClientSessionActor$DirectoryStored",
          "session.ClientSessionActor$Forget",
          "session.ClientSessionActor$Forgotten",
          "session.ClientSessionActor$Go",
          "session.ClientSessionActor$GoOnAttaching",
          "session.ClientSessionActor$Idle",
          "session.ClientSessionActor$NextRequest",
          "session.ClientSessionActor$Pump",
          "session.ClientSessionActor$RecoveryOverdue",
          "session.ClientSessionActor$QueueLeft",
          "session.ClientSessionActor$RepeatDirectory",
          "session.ClientSessionActor$Stop",
          "session.ClientSessionActor$Tick",
          "session.ClientSessionActor$WillDone");

  /** Answers that belong to no protocol. */
  private static final Set<String> ANSWERS =
      Set.of("directory.ClientPage", "directory.ClientDirectoryActor$Stored");

  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  """
                  akka.actor.provider = cluster
                  akka.remote.artery.canonical.hostname = "127.0.0.1"
                  akka.remote.artery.canonical.port = 0
                  """)
              .withFallback(ConfigFactory.load()));

  private static final ActorRef<?> ADDRESS =
      ActorRefResolver.get(KIT.system())
          .resolveActorRef("akka://troupe@node-2:2551/system/sharding/Session/7/client#17");

  private final Serialization serialization =
      SerializationExtension.get(Adapter.toClassic(KIT.system()));

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  /** Every record of every protocol. */
  private static final Set<Class<?>> MESSAGES = messages();

  private static Set<Class<?>> messages() {
    Set<Class<?>> messages = new LinkedHashSet<>();
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.troupe.broker")) {
      if (each.isInterface()
          && each.getSimpleName().equals("Command")
          && !LOCAL_PROTOCOLS.contains(name(each.getName()))) {
        add(each.reflect(), messages);
      }
    }
    return messages;
  }

  private static void add(Class<?> type, Set<Class<?>> messages) {
    Class<?>[] cases = type.getPermittedSubclasses();
    if (cases == null) {
      messages.add(type);
      return;
    }
    for (Class<?> each : cases) {
      add(each, messages);
    }
  }

  private static String name(String className) {
    return className.substring(ROOT.length());
  }

  private static Map<String, Class<?>> remote() {
    Map<String, Class<?>> remote = new TreeMap<>();
    for (Class<?> message : MESSAGES) {
      if (!LOCAL.contains(name(message.getName()))) {
        remote.put(name(message.getName()), message);
      }
    }
    for (String answer : ANSWERS) {
      try {
        remote.put(answer, Class.forName(ROOT + answer));
      } catch (ClassNotFoundException e) {
        throw new AssertionError(e);
      }
    }
    return remote;
  }

  private SerializerWithStringManifest serializer(Class<?> type) {
    try {
      return (SerializerWithStringManifest) serialization.serializerFor(type);
    } catch (NotSerializableException e) {
      throw new AssertionError("no serializer is bound to " + type, e);
    }
  }

  @Test
  void whatIsListedAsLocalExistsAndIsRefused() {
    Set<String> existing = new TreeSet<>();
    for (Class<?> message : MESSAGES) {
      existing.add(name(message.getName()));
    }
    assertTrue(existing.containsAll(LOCAL), () -> LOCAL + " in " + existing);
    for (Class<?> message : MESSAGES) {
      if (message.getSimpleName().equals("Tick")) {
        Object sample = new Samples(ADDRESS).of(message);
        assertThrows(IllegalArgumentException.class, () -> serializer(message).toBinary(sample));
      }
    }
  }

  @Test
  void everyMessageToAnotherNodeComesBackAsItWas() throws IOException {
    for (Map.Entry<String, Class<?>> each : remote().entrySet()) {
      Object sample = new Samples(ADDRESS).of(each.getValue());
      SerializerWithStringManifest serializer = serializer(each.getValue());
      byte[] bytes = serializer.toBinary(sample);
      assertEquals(
          sample, serializer.fromBinary(bytes, serializer.manifest(sample)), each.getKey());
    }
  }

  @Test
  void theBytesOfThisVersionAreUnderstoodForEver() throws IOException {
    Properties kept = new Properties();
    try (InputStream in = getClass().getResourceAsStream("/samples/messages.properties")) {
      assertNotNull(in);
      kept.load(in);
    }
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Class<?>> each : remote().entrySet()) {
      Object sample = new Samples(ADDRESS).of(each.getValue());
      SerializerWithStringManifest serializer = serializer(each.getValue());
      String now =
          serializer.identifier()
              + "/"
              + serializer.manifest(sample)
              + "/"
              + HexFormat.of().formatHex(serializer.toBinary(sample));
      String then = kept.getProperty(each.getKey());
      if (!now.equals(then)) {
        wrong.add(each.getKey() + "=" + now);
        continue;
      }
      byte[] bytes = HexFormat.of().parseHex(then.substring(then.lastIndexOf('/') + 1));
      assertEquals(sample, serializer.fromBinary(bytes, serializer.manifest(sample)));
    }
    assertEquals(
        "",
        String.join("\n", wrong),
        "A message has other bytes than those kept; add a version, or keep a new message's line");
    assertEquals(remote().keySet(), new TreeSet<>(kept.stringPropertyNames()));
  }

  @Test
  void bytesOfAnUnknownVersionAreRefused() {
    for (Class<?> type : remote().values()) {
      SerializerWithStringManifest serializer = serializer(type);
      assertThrows(Exception.class, () -> serializer.fromBinary(new byte[0], "future"));
    }
  }
}
