package io.troupe.loadtest.report;

import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Writes maps, iterables, numbers, booleans and text as JSON; anything else as its text. */
public final class Json {
  private Json() {}

  public static String of(@Nullable Object value) {
    if (value == null || value instanceof Boolean) {
      return String.valueOf(value);
    }
    if (value instanceof Number number) {
      return Double.isFinite(number.doubleValue()) ? number.toString() : "null";
    }
    if (value instanceof Map<?, ?> map) {
      StringJoiner joiner = new StringJoiner(",", "{", "}");
      map.forEach((k, v) -> joiner.add(quote(String.valueOf(k)) + ":" + of(v)));
      return joiner.toString();
    }
    if (value instanceof Iterable<?> items) {
      StringJoiner joiner = new StringJoiner(",", "[", "]");
      items.forEach(item -> joiner.add(of(item)));
      return joiner.toString();
    }
    return quote(value.toString());
  }

  private static String quote(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
