/**
 * Draws figures: Vega-Lite specifications become SVG.
 *
 * @module
 */
import type { Config, TopLevelSpec } from "vega-lite";

/** Draws a figure with Vega-Lite's own colours and font. */
export function drawFigure(spec: TopLevelSpec): Promise<string> {
  return draw(spec);
}

/** Colours of series that stand out on light and dark pages. */
export const palette = ["#3b82f6", "#ea7a17", "#22a559", "#a855f7", "#ef4444", "#0d9db0", "#b08900", "#8b8b97"];

/** Draws a figure for the inside of a page: transparent, in the page's font and colour of text. */
export function drawEmbeddedFigure(spec: TopLevelSpec): Promise<string> {
  return draw({ background: "transparent", autosize: { type: "fit", contains: "padding" }, ...spec }, embedded);
}

const text = { labelColor: "currentColor", titleColor: "currentColor" };
const embedded: Config = {
  // The text beside a figure describes it once, so its marks need no descriptions.
  aria: false,
  font: "system-ui, sans-serif",
  axis: {
    ...text,
    ...{ domainColor: "currentColor", tickColor: "currentColor", gridColor: "currentColor" },
    ...{ domainOpacity: 0.4, tickOpacity: 0.4, gridOpacity: 0.12, titleFontWeight: "normal" },
  },
  legend: { ...text, orient: "top", labelLimit: 220, symbolStrokeWidth: 2, titleFontWeight: "normal" },
  header: text,
  title: { color: "currentColor" },
  text: { color: "currentColor" },
  view: { stroke: null },
  range: { category: palette },
};

async function draw(spec: TopLevelSpec, config: Config = {}): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new View(parse(compile(spec, { config }).spec), { renderer: "none" });
  return await view.toSVG();
}
