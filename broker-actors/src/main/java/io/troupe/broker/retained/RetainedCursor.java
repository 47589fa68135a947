package io.troupe.broker.retained;

/**
 * Where the next page of a search begins, as text: {@code partition:topic}, after that topic of
 * that partition. Empty before the first page and after the last one.
 */
final class RetainedCursor {
  static final String END = "";

  private RetainedCursor() {}

  static String of(int partition, String after) {
    return partition + ":" + after;
  }

  /** Which partition goes on; not for an empty cursor. */
  static int partition(String cursor) {
    return Integer.parseInt(cursor, 0, cursor.indexOf(':'), 10);
  }

  static String after(String cursor) {
    return cursor.substring(cursor.indexOf(':') + 1);
  }
}
