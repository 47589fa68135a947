package io.troupe.broker.serialization;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.javadsl.Adapter;
import akka.serialization.Serialization;
import akka.serialization.SerializationExtension;
import akka.serialization.SerializerWithStringManifest;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Whatever a node sends to another or leaves in the store has a manifest, and of every manifest
 * bytes are kept, in {@code samples/}: this version writes them and reads them, later ones read
 * them.
 */
class ManifestSamplesTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString("akka.actor.provider = local")
              .withFallback(ActorTestKit.applicationTestConfig())
              .resolve());

  private final Serialization serialization =
      SerializationExtension.get(Adapter.toClassic(KIT.system()));

  @AfterAll
  static void close() {
    KIT.shutdownTestKit();
  }

  private static Properties kept(String file) throws IOException {
    Properties kept = new Properties();
    try (InputStream in = ManifestSamplesTest.class.getResourceAsStream("/samples/" + file)) {
      assertNotNull(in, file);
      kept.load(in);
    }
    return kept;
  }

  /** Every serializer of the broker, with the texts that are constants of its: its manifests. */
  private Set<String> manifests() throws ReflectiveOperationException {
    Set<String> manifests = new TreeSet<>();
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.troupe.broker")) {
      if (each.isAssignableTo(SerializerWithStringManifest.class)
          && !each.getModifiers().contains(JavaModifier.ABSTRACT)) {
        manifests.addAll(manifests(each.reflect()));
      }
    }
    return manifests;
  }

  private Set<String> manifests(Class<?> type) throws ReflectiveOperationException {
    int identifier = serialization.serializerOf(type.getName()).get().identifier();
    Set<String> manifests = new HashSet<>();
    for (Field field : type.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == String.class) {
        field.setAccessible(true);
        manifests.add(identifier + "/" + field.get(null));
      }
    }
    assertTrue(!manifests.isEmpty(), () -> type + " names no manifest");
    return manifests;
  }

  @Test
  void everyManifestHasASample() throws Exception {
    Set<String> sampled = new TreeSet<>();
    kept("messages.properties")
        .values()
        .forEach(value -> sampled.add(String.valueOf(value).replaceFirst("/[0-9a-f]*$", "")));
    kept("manifests.properties").keySet().forEach(key -> sampled.add(String.valueOf(key)));
    sampled.removeIf(name -> name.contains("@"));

    assertEquals(manifests(), sampled);
  }

  @Test
  void storedBytesAreReadAndWrittenAsTheyWere() throws Exception {
    TreeMap<String, String> wrong = new TreeMap<>();
    Properties kept = kept("manifests.properties");
    for (String key : kept.stringPropertyNames()) {
      String hex = kept.getProperty(key);
      List<String> name = List.of(key.split("[/@]"));
      byte[] bytes = HexFormat.of().parseHex(hex);
      Object read =
          serialization.deserialize(bytes, Integer.parseInt(name.get(0)), name.get(1)).get();
      String now = HexFormat.of().formatHex(serialization.serialize(read).get());
      if (!key.contains("@") && !now.equals(hex)) {
        wrong.put(key, now);
      }
    }

    assertEquals(new TreeMap<>(), wrong);
  }
}
