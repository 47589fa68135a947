package io.troupe.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import io.troupe.protocol.conformance.Promise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;

/** What is in the folder that users get. */
class DistributionTest {
  /** Private keys in PEM, hashes as {@code troupe passwd} and htpasswd write them, cloud keys. */
  private static final Pattern SECRET =
      Pattern.compile(
          "-----BEGIN [A-Z ]*PRIVATE KEY-----\\s+[A-Za-z0-9+/]{16}"
              + "|\\$argon2id?\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]{8}"
              + "|\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{20}"
              + "|AKIA[0-9A-Z]{16}");

  /** Settings that hold one, or the name of a file with one. */
  private static final Pattern SECRET_KEY =
      Pattern.compile("password|secret|token|private-key|credential|passphrase|username");

  /** Key stores, and files in which programs keep passwords. */
  private static final Pattern SECRET_FILE =
      Pattern.compile(".*\\.(p12|pfx|jks|key|pem|crt|passwd|htpasswd)|users|id_rsa|\\.env");

  private static final Pattern OUR_JAR = Pattern.compile("lib/(broker-|loadtest).*\\.jar");

  /** Jars of others, which are everybody's, and the class archive made of all of them. */
  private static final Pattern CODE = Pattern.compile(".*\\.(jar|jsa)");

  private static final Path HOME = TroupeProcess.home();

  @Test
  @Promise("F15")
  void itHoldsNoSecret() throws IOException {
    Set<String> found = new TreeSet<>();
    Set<String> looked = new TreeSet<>();
    try (Stream<Path> files = Files.walk(HOME)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = HOME.relativize(file).toString();
        if (OUR_JAR.matcher(name).matches()) {
          lookIntoJar(file, name, looked, found);
        } else if (!CODE.matcher(name).matches()) {
          look(name, Files.readAllBytes(file), found);
          looked.add(name);
        }
      }
    }

    assertEquals(Set.of(), found);
    assertTrue(looked.contains("conf/troupe.conf") && looked.contains("reference.conf"), "scanned");
  }

  private static void lookIntoJar(Path jar, String name, Set<String> looked, Set<String> found)
      throws IOException {
    try (InputStream file = Files.newInputStream(jar);
        ZipInputStream entries = new ZipInputStream(file)) {
      for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
        look(name + "!" + entry.getName(), entries.readAllBytes(), found);
        looked.add(entry.getName());
      }
    }
  }

  private static void look(String name, byte[] content, Set<String> found) {
    String simple = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('!')) + 1);
    if (SECRET_FILE.matcher(simple).matches()
        || SECRET.matcher(new String(content, StandardCharsets.ISO_8859_1)).find()) {
      found.add(name);
    }
  }

  /** No setting has a password, key or token by default, neither the broker's nor a library's. */
  @Test
  @Promise("F15")
  void noSettingHasASecretByDefault() {
    Config all =
        ConfigFactory.parseFile(HOME.resolve("conf/troupe.conf").toFile())
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .resolve();

    Map<String, Object> set = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> entry : all.entrySet()) {
      String key = entry.getKey().substring(entry.getKey().lastIndexOf('.') + 1);
      if (entry.getKey().startsWith("troupe.")
          && SECRET_KEY.matcher(key.toLowerCase(Locale.ROOT)).find()
          && !"".equals(entry.getValue().unwrapped())) {
        set.put(entry.getKey(), entry.getValue().unwrapped());
      }
    }

    // The file that a user has to make first.
    assertEquals(Map.of("troupe.auth.password-file", "users.passwd"), set);
  }
}
