package io.troupe.broker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.typesafe.config.ConfigFactory;
import java.io.Serializable;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Which package and class may use what; the reasons are in {@code
 * deploy/docs/decisions/0008-package-rules-of-the-actors.md}.
 *
 * <p>The lists of exceptions only shrink: a test fails as well when a listed class no longer needs
 * its place.
 */
class PackageRulesTest {
  private static final String ROOT = "io.troupe.broker";

  /** Names of classes that are made of Akka. */
  private static final Pattern OF_AKKA =
      Pattern.compile(".*(Actor|Stream|Serializer|Journal|SnapshotStore|Sharding)");

  /** An actor's address, and the answer of one that has nothing to say. */
  private static final Set<String> ADDRESSES =
      Set.of("akka.actor.typed.ActorRef", "akka.actor.typed.ActorRef$", "akka.Done");

  /** What else uses the machinery of actors. */
  private static final Map<String, String> MACHINERY =
      Map.ofEntries(
          Map.entry("Broker", "starts the actor system"),
          Map.entry("cluster.Membership", "joins the cluster, before there are actors"),
          Map.entry("cluster.NodeTls", "carries out Akka's interface"),
          Map.entry("cluster.StoreJoinDecider", "carries out Akka Management's interface"),
          Map.entry("StopSequence", "ends the actor system"),
          Map.entry(
              "dispatch.EventLoopExecutorConfigurator", "Akka starts it from its configuration"),
          Map.entry("connection.Connections", "has one actor started per event loop"),
          Map.entry("link.Links", "finds the node of an actor, starts the links"),
          Map.entry("routing.PartitionSnapshotAdapter", "carries out Akka Persistence's interface"),
          Map.entry("session.SessionShell", "part of the session actor: timers, passivation"),
          Map.entry("session.Attachment", "part of the session actor: timers, adapted answers"),
          Map.entry("session.SubscriptionShell", "part of the session actor: adapted answers"));

  /** What holds addresses of actors, and tells them something, but nothing else of Akka. */
  private static final Map<String, String> ADDRESSING =
      Map.ofEntries(
          Map.entry("Node", "hands replyTo to the shards"),
          Map.entry("link.LinkCodec", "addresses as bytes, for the links' actors"),
          Map.entry("link.LinkItem", "the session something goes to"),
          Map.entry("session.SessionPost", "port to sessions of any node"),
          Map.entry("connection.ConnectionSurroundings", "port to the partitions: replyTo"),
          Map.entry("connection.Deliveries", "groups deliveries by session"),
          Map.entry("connection.ReadCycle", "tells others where to answer"),
          Map.entry("connection.SessionBatch", "tells one session"),
          Map.entry("connection.StoreBatches", "gives partitions the event loop's replyTo"),
          Map.entry("routing.AppendStage", "part of the partition actor: answers publishers"),
          Map.entry("routing.LocalSubscribers", "knows the sessions of this node"),
          Map.entry("routing.NodeLinks", "part of the partition actor: tells nodes"),
          Map.entry("routing.PartitionScope", "part of the partition actor: its own address"),
          Map.entry("routing.RouteBuilder", "merges subscriptions by session"),
          Map.entry("routing.RoutingCodec", "addresses as bytes, for RoutingSerializer"),
          Map.entry("routing.SharedGroup", "knows its members' sessions"),
          Map.entry("routing.Subscriber", "a field of messages: its session"),
          Map.entry("routing.SubscriberState", "its session and node"),
          Map.entry("routing.SubscriptionChanges", "part of the partition actor: answers nodes"),
          Map.entry("routing.Target", "the session a message goes to"),
          Map.entry("session.SessionSurroundings", "port to partitions and directory: replyTo"));

  private static final Map<String, String> CONFIGURATION_TREE =
      Map.of(
          "cluster.NodeTls", "Akka makes it and gives it nothing else",
          "dispatch.EventLoopExecutorConfigurator", "Akka makes it and gives it nothing else",
          "store.StoreSettings", "Akka starts the journal and gives it nothing else");

  /** Packages whose actors speak with each other in both directions. */
  private static final Set<String> CONVERSING =
      Set.of("connection", "session", "routing", "retained", "link");

  private static JavaClasses all;

  @BeforeAll
  static void readClasses() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    assertFalse(all.isEmpty());
  }

  @Test
  void whoUsesTheClusterIsUnknownToIt() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.troupe.http..", "io.troupe.loadtest..")
        .check(all);
  }

  @Test
  void theMachineryOfActorsIsInClassesNamedForIt() {
    Set<String> users = users(PackageRulesTest::isMachinery);
    users.removeIf(name -> OF_AKKA.matcher(name).matches());

    assertEquals(new TreeMap<>(MACHINERY).keySet(), users);
  }

  @Test
  void theRestKnowsActorsByAddressOnly() {
    Set<String> users = users(target -> isOf(target, "akka"));
    users.removeIf(name -> OF_AKKA.matcher(name).matches() || MACHINERY.containsKey(name));

    assertEquals(new TreeMap<>(ADDRESSING).keySet(), users);
  }

  @Test
  void metricsAloneUsesKamon() {
    assertEquals(Set.of(), usersElsewhere("metrics", "kamon"));
  }

  @Test
  void configAloneReadsTheConfigurationTree() {
    assertEquals(
        new TreeMap<>(CONFIGURATION_TREE).keySet(),
        usersElsewhere("config", "com.typesafe.config"));
  }

  @Test
  void storeAloneUsesTheDatabase() {
    assertEquals(Set.of(), usersElsewhere("store", "org.rocksdb"));
  }

  @Test
  void cassandraAloneUsesItsDriver() {
    assertEquals(Set.of(), usersElsewhere("cassandra", "com.datastax"));
  }

  @Test
  void connectionAloneUsesNetty() {
    // Broker makes the event loops and stops them; actors run on them.
    assertEquals(
        Set.of("Broker", "dispatch.EventLoopExecutor"), usersElsewhere("connection", "io.netty"));
  }

  @Test
  void nothingIsMadeForJavaSerialization() {
    noClasses()
        .that(DescribedPredicate.not(JavaClass.Predicates.assignableTo(Throwable.class)))
        .and()
        .areNotEnums()
        .should()
        .beAssignableTo(Serializable.class)
        .check(all);
  }

  @Test
  void javaSerializationIsOff() {
    var reference = ConfigFactory.defaultReference();

    assertFalse(reference.getBoolean("akka.actor.allow-java-serialization"));
  }

  /**
   * Protocols are nested in their actors, and actors answer each other: a connection's messages
   * name the session and the session's the connection. So the packages that converse count as one;
   * all others, and the root, which only puts them together, have their place above or below.
   */
  @Test
  void packagesFormNoCycle() {
    slices().assignedFrom(new PackageSlices()).should().beFreeOfCycles().check(all);
  }

  @Test
  void whatConversesExists() {
    for (String name : CONVERSING) {
      assertFalse(all.that(JavaClass.Predicates.resideInAPackage(ROOT + "." + name)).isEmpty());
    }
  }

  @Test
  void namesSayWhatTheyHold() {
    noClasses()
        .should()
        .resideInAnyPackage(
            "..util..",
            "..common..",
            "..helper..",
            "..manager..",
            "..service..",
            "..base..",
            "..impl..")
        .check(all);
    classes()
        .should()
        .haveNameNotMatching(".*(Utils?|Common|Helper|Manager|Service|Base|Impl)")
        .check(all);
  }

  /** The outermost classes, without the root package, that use a type. */
  private static Set<String> users(Predicate<JavaClass> used) {
    Set<String> users = new TreeSet<>();
    for (JavaClass each : all) {
      if (each.getDirectDependenciesFromSelf().stream()
          .anyMatch(found -> used.test(found.getTargetClass().getBaseComponentType()))) {
        users.add(outermost(each).getName().substring(ROOT.length() + 1));
      }
    }
    return users;
  }

  private static Set<String> usersElsewhere(String home, String library) {
    Set<String> users = users(target -> isOf(target, library));
    assertFalse(users.isEmpty());
    users.removeIf(name -> name.startsWith(home + "."));
    return users;
  }

  private static boolean isMachinery(JavaClass target) {
    return isOf(target, "akka") && !ADDRESSES.contains(target.getName());
  }

  private static boolean isOf(JavaClass target, String library) {
    return target.getName().startsWith(library + ".");
  }

  private static JavaClass outermost(JavaClass nested) {
    JavaClass outermost = nested;
    while (outermost.getEnclosingClass().isPresent()) {
      outermost = outermost.getEnclosingClass().orElseThrow();
    }
    return outermost;
  }

  private static final class PackageSlices implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass each) {
      String name = each.getPackageName();
      if (name.equals(ROOT)) {
        return SliceIdentifier.of("the root");
      }
      if (!name.startsWith(ROOT + ".")) {
        return SliceIdentifier.ignore();
      }
      String part = name.substring(ROOT.length() + 1);
      return SliceIdentifier.of(CONVERSING.contains(part) ? "what converses" : part);
    }

    @Override
    public String getDescription() {
      return "packages, those that converse as one";
    }
  }
}
