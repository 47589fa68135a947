package io.troupe.protocol.conformance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One numbered statement of a specification, or of what the broker promises besides.
 *
 * @param number such as {@code MQTT-3.1.4-3}; {@code I6} or {@code F4} of promises
 * @param paraphrase what it demands, in our words
 * @param reason why no test proves it, or of a promise: what of it no test proves; or empty
 */
public record NormativeStatement(String number, Binds binds, String paraphrase, String reason) {

  /** Whom a statement binds. */
  public enum Binds {
    SERVER,
    CLIENT,
    BOTH
  }

  /** All statements of MQTT 3.1.1, in the specification's order. */
  public static List<NormativeStatement> ofVersion311() {
    return read("statements-3.1.1.csv");
  }

  /** All statements of MQTT 5.0, in the specification's order. */
  public static List<NormativeStatement> ofVersion5() {
    return read("statements-5.0.csv");
  }

  /** What the broker promises, and the flaws of other brokers that it must not have. */
  public static List<NormativeStatement> promises() {
    return read("promises.csv");
  }

  private static List<NormativeStatement> read(String resource) {
    List<NormativeStatement> statements = new ArrayList<>();
    try (var in =
        Objects.requireNonNull(NormativeStatement.class.getResourceAsStream(resource), resource)) {
      var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8)).lines();
      lines.filter(line -> !line.startsWith("#")).forEach(line -> statements.add(parse(line)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(statements);
  }

  private static NormativeStatement parse(String line) {
    String[] fields = line.split("\\|", -1);
    if (fields.length != 4) {
      throw new IllegalArgumentException("four fields wanted: " + line);
    }
    Binds binds =
        switch (fields[1]) {
          case "S" -> Binds.SERVER;
          case "C" -> Binds.CLIENT;
          case "B" -> Binds.BOTH;
          default -> throw new IllegalArgumentException("S, C or B wanted: " + line);
        };
    return new NormativeStatement(fields[0], binds, fields[2], fields[3]);
  }
}
