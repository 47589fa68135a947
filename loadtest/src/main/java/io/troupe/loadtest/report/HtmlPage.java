package io.troupe.loadtest.report;

/** One page that needs nothing else: style, tables and drawings are in it. */
public final class HtmlPage {
  private static final String HEAD =
      """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>troupe-load</title>
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <style>
      body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;
      color:#1c2530;background:#fff}
      h1{font-size:1.3rem}h2{font-size:1.05rem;margin:1.8rem 0 .3rem}
      pre{overflow-x:auto;background:#f3f5f7;padding:1rem;border-radius:6px;font-size:12px}
      svg{width:100%;height:auto}text{font:11px system-ui,sans-serif;fill:#5a6672}
      </style></head><body>
      """;

  private final StringBuilder out = new StringBuilder(HEAD);

  public HtmlPage(String title) {
    out.append("<h1>").append(escape(title)).append("</h1>");
  }

  /** Text as it stands, such as a table. */
  public void text(String text) {
    out.append("<pre>").append(escape(text)).append("</pre>");
  }

  /**
   * @param svg as it is drawn by {@link SvgPlot} or {@link SvgBars}
   */
  public void drawing(String title, String svg) {
    out.append("<h2>").append(escape(title)).append("</h2>").append(svg);
  }

  @Override
  public String toString() {
    return out + "</body></html>\n";
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
