package io.troupe.loadtest.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Groups of horizontal bars; each group has a scale of its own, so that ratios can be read. */
public final class SvgBars {
  private static final int WIDTH = 900;
  private static final int LEFT = 260;
  private static final int LONGEST = 520;
  private static final int BAR = 14;
  private static final int GAP = 12;
  private static final Map<Integer, String> COLOURS =
      Map.of(0, "#2563a8", 1, "#c2570c", 2, "#3b7d3b", 3, "#8a3f9e");

  private final List<String> series = new ArrayList<>();
  private final Map<String, Map<String, Double>> groups = new LinkedHashMap<>();

  /** One bar; groups and series come in the order they are first named. */
  public void bar(String group, String name, double value) {
    if (!series.contains(name)) {
      series.add(name);
    }
    groups.computeIfAbsent(group, g -> new LinkedHashMap<>()).put(name, value);
  }

  public String draw() {
    StringBuilder body = new StringBuilder();
    int y = GAP;
    for (Map.Entry<String, Map<String, Double>> group : groups.entrySet()) {
      double most = group.getValue().values().stream().mapToDouble(v -> v).max().orElse(0) + 1e-12;
      body.append(
          format(
              "<text x='%d' y='%d' text-anchor='end'>%s</text>",
              LEFT - 90, y + BAR - 3, HtmlPage.escape(group.getKey())));
      for (Map.Entry<String, Double> bar : group.getValue().entrySet()) {
        String colour = COLOURS.getOrDefault(series.indexOf(bar.getKey()), "#5a6672");
        double length = bar.getValue() / most * LONGEST;
        body.append(
            format(
                "<text x='%d' y='%d' text-anchor='end'>%s</text>"
                    + "<rect x='%d' y='%d' width='%.1f' height='%d' fill='%s'/>"
                    + "<text x='%.1f' y='%d'>%s</text>",
                LEFT - 6,
                y + BAR - 3,
                HtmlPage.escape(bar.getKey()),
                LEFT,
                y,
                length,
                BAR - 2,
                colour,
                LEFT + length + 6,
                y + BAR - 3,
                SvgPlot.number(bar.getValue())));
        y += BAR;
      }
      y += GAP;
    }
    return format("<svg viewBox='0 0 %d %d' role='img'>", WIDTH, y) + body + "</svg>";
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
