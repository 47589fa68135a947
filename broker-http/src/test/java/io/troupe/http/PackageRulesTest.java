package io.troupe.http;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.troupe.http.command.TroupeCommand;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The program uses the broker's own interface, not the libraries beneath it. */
class PackageRulesTest {
  private static JavaClasses all;

  @BeforeAll
  static void readClasses() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.troupe.http");
    assertFalse(all.isEmpty());
  }

  @Test
  void theProgramDoesNotUseTheLoadGenerator() {
    noClasses().should().dependOnClassesThat().resideInAPackage("io.troupe.loadtest..").check(all);
  }

  @Test
  void databaseAndSocketsAreTheBrokers() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.rocksdb..", "io.netty..")
        .check(all);
  }

  @Test
  void metricsAloneUsesKamon() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(Metrics.class)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("kamon..", "com.typesafe.config..")
        .check(all);
  }

  @Test
  void packagesFormNoCycle() {
    slices()
        .matching("io.troupe.(**)")
        .should()
        .beFreeOfCycles()
        // Where the program begins; its name is part of how it is started.
        .ignoreDependency(BrokerMain.class, TroupeCommand.class)
        .check(all);
  }
}
