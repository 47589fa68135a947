package io.troupe.protocol;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Dependencies between packages point one way; see the module's README. */
class PackageRulesTest {
  private static final String ROOT = "io.troupe.protocol";

  private static JavaClasses all;

  @BeforeAll
  static void readClasses() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(ROOT);
    assertFalse(all.isEmpty());
  }

  private static String in(String name) {
    return ROOT + "." + name + "..";
  }

  private static void onlyUses(String user, String... used) {
    String[] allowed = new String[used.length + 3];
    for (int i = 0; i < used.length; i++) {
      allowed[i] = in(used[i]);
    }
    allowed[used.length] = in(user);
    allowed[used.length + 1] = "java..";
    allowed[used.length + 2] = "org.jspecify..";
    classes()
        .that()
        .resideInAPackage(in(user))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed)
        .check(all);
  }

  @Test
  void topicUsesNothing() {
    onlyUses("topic");
  }

  @Test
  void packetUsesTopic() {
    onlyUses("packet", "topic");
  }

  @Test
  void sessionUsesPacketAndTopic() {
    onlyUses("session", "packet", "topic");
  }

  @Test
  void codecUsesNeitherSessionNorTransport() {
    noClasses()
        .that()
        .resideInAPackage(in("codec"))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(in("session"), in("transport"))
        .check(all);
  }

  @Test
  void transportDoesNotUseSession() {
    noClasses()
        .that()
        .resideInAPackage(in("transport"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(in("session"))
        .check(all);
  }

  @Test
  void nettyIsSeenByCodecAndTransportOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages(in("codec"), in("transport"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(all);
  }

  @Test
  void thereIsNoAkka() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("akka..", "com.typesafe..")
        .check(all);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(all);
  }

  @Test
  void packageNamesSayWhatTheyHold() {
    noClasses()
        .should()
        .resideInAnyPackage("..util..", "..common..", "..helper..", "..base..", "..impl..")
        .check(all);
  }
}
