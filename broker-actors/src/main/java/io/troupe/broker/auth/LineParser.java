package io.troupe.broker.auth;

import java.util.ArrayList;
import java.util.List;

/** Takes a file line by line. */
interface LineParser {
  void line(String line) throws MalformedFileException;

  /** After the last line: what is wrong with all of them together. */
  void end() throws MalformedFileException;

  /** Everything that is wrong, with its line. */
  static List<String> mistakes(LineParser parser, List<String> lines) {
    List<String> mistakes = new ArrayList<>();
    for (String line : lines) {
      try {
        parser.line(line);
      } catch (MalformedFileException e) {
        mistakes.add(String.valueOf(e.getMessage()));
      }
    }
    if (mistakes.isEmpty()) {
      try {
        parser.end();
      } catch (MalformedFileException e) {
        mistakes.add(String.valueOf(e.getMessage()));
      }
    }
    return mistakes;
  }
}
