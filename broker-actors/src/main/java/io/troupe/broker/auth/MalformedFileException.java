package io.troupe.broker.auth;

import java.nio.file.Path;

/** A password or rule file says something that cannot be understood; the message has its place. */
public final class MalformedFileException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param line from 1; 0 for the whole file
   */
  MalformedFileException(Path file, int line, String message) {
    super((line > 0 ? file + ":" + line : file.toString()) + ": " + message);
  }
}
