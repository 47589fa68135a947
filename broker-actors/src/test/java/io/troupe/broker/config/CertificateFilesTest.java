package io.troupe.broker.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.troupe.protocol.transport.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Certificates, keys and authorities that the configuration names are read as a start would. */
class CertificateFilesTest {
  @TempDir static Path folder;

  @BeforeAll
  static void makeCertificates() throws IOException {
    TestCertificates server = TestCertificates.make(folder, "server");
    TestCertificates.make(folder, "other");
    TestCertificates.makeExpired(folder, "old");
    Files.writeString(folder.resolve("garbage"), "garbage\n");
    Files.createFile(folder.resolve("empty"));
    String pem = Files.readString(server.certificate());
    Files.writeString(folder.resolve("damaged"), pem.substring(0, pem.length() / 2));
  }

  private static ConfigSources sources(String text) throws IOException {
    return BrokerConfig.from().file(Files.writeString(folder.resolve("troupe.conf"), text));
  }

  private static BrokerConfig load(String text) throws Exception {
    return sources(text).load();
  }

  private static List<String> mistakes(String text) throws IOException {
    ConfigSources sources = sources(text);
    return assertThrows(InvalidConfiguration.class, sources::load).problems().stream()
        .map(problem -> problem.toString().replaceAll("^.*troupe\\.conf:", "line "))
        .toList();
  }

  /** As a start would find it: the file, and the setting that names it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "garbage    | server.key | server.crt | certificate-chain | holds no PEM certificates",
        "empty      | server.key | server.crt | certificate-chain | holds no PEM certificates",
        "server.key | server.key | server.crt | certificate-chain | holds no PEM certificates",
        "damaged    | server.key | server.crt | certificate-chain | holds no PEM certificates",
        "server.crt | garbage    | server.crt | private-key       | holds no PKCS #8 PEM private key",
        "server.crt | empty      | server.crt | private-key       | holds no PKCS #8 PEM private key",
        "server.crt | server.crt | server.crt | private-key       | holds no PKCS #8 PEM private key",
        "server.crt | other.key  | server.crt | private-key       | does not belong to the first",
        "server.crt | server.key | garbage    | client-ca         | holds no PEM certificates",
        "server.crt | server.key | empty      | client-ca         | holds no PEM certificates",
      })
  void certificatesThatCannotBeUsedAreMistakes(
      String chain, String key, String authorities, String wrong, String advice)
      throws IOException {
    List<String> mistakes =
        mistakes(
            """
            troupe.dev = true
            troupe.listeners.tls {
              certificate-chain = %s
              private-key = %s
              client-ca = %s
              client-auth = required
            }
            """
                .formatted(chain, key, authorities));

    assertEquals(1, mistakes.size(), mistakes::toString);
    String mistake = mistakes.get(0);
    int line = 3 + List.of("certificate-chain", "private-key", "client-ca").indexOf(wrong);
    assertTrue(
        mistake.startsWith("line " + line + ": troupe.listeners.tls." + wrong + ": "), mistake);
    assertTrue(mistake.contains(advice), mistake);
    String file = List.of(chain, key, authorities).get(line - 3);
    assertTrue(mistake.contains(folder.resolve(file).toString()), mistake);
  }

  @Test
  void severalWrongFilesAreToldTogether() throws IOException {
    List<String> mistakes =
        mistakes(
            """
            troupe { dev = true, listeners.wss {
              certificate-chain = garbage, private-key = server.key
              client-ca = empty, client-auth = optional } }
            """);

    assertEquals(2, mistakes.size(), mistakes::toString);
  }

  @Test
  void filesOfAListenerThatIsOffAreNotRead() throws Exception {
    BrokerConfig config =
        load(
            """
            troupe { dev = true, listeners.tls {
              enabled = off, certificate-chain = garbage, private-key = empty } }
            """);

    assertEquals(List.of(), config.warnings());
  }

  /** The broker may start: what its clients make of it is theirs, and its data is safe. */
  @Test
  void anExpiredCertificateIsAWarning() throws Exception {
    BrokerConfig config =
        load(
            """
            troupe { dev = true
              listeners.tls {
                certificate-chain = old.crt, private-key = old.key }
              cluster.tls {
                certificate-chain = old.crt, private-key = old.key
                ca = old.crt } }
            """);

    assertEquals(
        List.of(
            "listeners.tls.certificate-chain 3",
            "cluster.tls.certificate-chain 5",
            "cluster.tls.ca 6"),
        config.warnings().stream()
            .map(w -> w.key().replace("troupe.", "") + " " + w.where().replaceAll(".*:", ""))
            .toList());
    for (ConfigProblem warning : config.warnings()) {
      assertTrue(
          warning.message().startsWith(folder.resolve("old.crt") + ": the certificate of CN=old"),
          warning::toString);
      assertTrue(warning.message().contains(" expired on 20"), warning::toString);
    }
  }
}
