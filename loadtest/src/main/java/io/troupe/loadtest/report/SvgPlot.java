package io.troupe.loadtest.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Lines over one horizontal axis, drawn as SVG. */
final class SvgPlot {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 240;
  private static final int LEFT = 70;
  private static final int BOTTOM = 40;
  private static final int TOP = 24;
  private static final List<String> COLOURS = List.of("#2563a8", "#c2570c", "#3b7d3b", "#8a3f9e");

  private final String horizontal;
  private final boolean logarithmic;
  private final Map<String, List<double[]>> lines = new LinkedHashMap<>();

  /**
   * @param horizontal what the axis counts
   * @param logarithmic whether the vertical axis is
   */
  SvgPlot(String horizontal, boolean logarithmic) {
    this.horizontal = horizontal;
    this.logarithmic = logarithmic;
  }

  /** Points of x and y, x ascending. */
  void line(String name, List<double[]> points) {
    lines.put(name, points);
  }

  String draw() {
    double right = 1e-9;
    double highest = 1e-9;
    double lowest = Double.MAX_VALUE;
    for (List<double[]> points : lines.values()) {
      for (double[] point : points) {
        right = Math.max(right, point[0]);
        highest = Math.max(highest, point[1]);
        if (point[1] > 0) {
          lowest = Math.min(lowest, point[1]);
        }
      }
    }
    double top = logarithmic ? Math.ceil(Math.log10(highest)) : nice(highest);
    double floor = logarithmic ? Math.floor(Math.log10(Math.min(lowest, highest))) : 0;
    if (top <= floor) {
      top = floor + 1;
    }
    StringBuilder out =
        new StringBuilder(format("<svg viewBox='0 0 %d %d' role='img'>", WIDTH, HEIGHT));
    axes(out, right, floor, top);
    int index = 0;
    for (Map.Entry<String, List<double[]>> line : lines.entrySet()) {
      String colour = COLOURS.get(index % COLOURS.size());
      out.append("<polyline fill='none' stroke-width='1.8' stroke='").append(colour);
      out.append("' points='");
      for (double[] point : line.getValue()) {
        out.append(format("%.1f,%.1f ", x(point[0], right), y(point[1], floor, top)));
      }
      int at = LEFT + 10 + index * 110;
      out.append("'/>").append(format("<rect x='%d' y='6' width='14' height='4' ", at));
      out.append("fill='").append(colour).append("'/>");
      out.append(format("<text x='%d' y='12'>%s</text>", at + 20, line.getKey()));
      index++;
    }
    return out.append("</svg>").toString();
  }

  private void axes(StringBuilder out, double right, double floor, double top) {
    int steps = logarithmic ? (int) Math.min(top - floor, 8) : 4;
    for (int i = 0; i <= steps; i++) {
      double at = floor + (top - floor) * i / steps;
      double height = HEIGHT - BOTTOM - (double) i / steps * (HEIGHT - BOTTOM - TOP);
      String label = number(logarithmic ? Math.pow(10, at) : at);
      out.append(
          format(
              "<line x1='%d' x2='%d' y1='%.1f' y2='%.1f' stroke='#dde2e7'/>"
                  + "<text x='%d' y='%.1f' text-anchor='end'>%s</text>",
              LEFT, WIDTH - 10, height, height, LEFT - 6, height + 4, label));
    }
    for (int i = 0; i <= 5; i++) {
      double at = right * i / 5;
      out.append(
          format(
              "<text x='%.1f' y='%d' text-anchor='middle'>%s</text>",
              x(at, right), HEIGHT - BOTTOM + 16, number(at)));
    }
    out.append(
        format(
            "<text x='%d' y='%d' text-anchor='middle'>%s</text>",
            (LEFT + WIDTH) / 2, HEIGHT - 6, horizontal));
  }

  private static double x(double value, double right) {
    return LEFT + value / right * (WIDTH - LEFT - 10);
  }

  private double y(double value, double floor, double top) {
    double shown = logarithmic ? (value <= 0 ? floor : Math.log10(value)) : value;
    double part = Math.max(0, (shown - floor) / (top - floor));
    return HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP);
  }

  /** The next of 1, 2, 4, 5, 8, 10 times a power of ten. */
  private static double nice(double value) {
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double factor : new double[] {1, 2, 4, 5, 8}) {
      if (value <= factor * power) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  static String number(double value) {
    if (value >= 1e6) {
      return format("%.1fM", value / 1e6);
    }
    if (value >= 1e4) {
      return format("%.0fk", value / 1e3);
    }
    return value >= 10 || value == Math.rint(value) ? format("%.0f", value) : format("%.3g", value);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }
}
