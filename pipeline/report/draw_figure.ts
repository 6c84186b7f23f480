/**
 * Draws figures: Vega-Lite specifications become SVG.
 *
 * Vega compiles expressions and groups values by keys of plain objects. So names (of classes, runs, blocks) are no part of
 * either: the data hold a name's index, and a parameter of the figure its text ({@linkcode namesOf}).
 *
 * @module
 */
import type { Config, TopLevelSpec } from "vega-lite";
import { shortened } from "../../data/printable.ts";

/** The longest name that a figure shows; more does not fit. */
const NAME_LENGTH = 60;

/**
 * Names that a figure shows. Its specification has `params`; an axis or a legend of the indices has `labelExpr`; a scale of
 * them has `domain`.
 *
 * @param key tells the names of a figure from its other names
 */
export function namesOf(key: "classes" | "runs" | "blocks", names: readonly string[]) {
  return {
    params: [{ name: key, value: names.map((name) => shortened(name, NAME_LENGTH)) }],
    labelExpr: `${key}[datum.value]`,
    domain: names.map((_, index) => index),
  };
}

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

/** The colours of text and page, which follow the reader's choice of a light or a dark page. */
const theme = "<style>svg{color:#24292f}.page{fill:#fff}" +
  "@media(prefers-color-scheme:dark){svg{color:#e6edf3}.page{fill:#0d1117}}</style>" +
  '<rect class="page" width="100%" height="100%"/>';

/** Draws a figure for a file of its own, which is light or dark as its reader's page is. */
export async function drawThemedFigure(spec: TopLevelSpec): Promise<string> {
  const svg = await draw({ background: "transparent", ...spec }, embedded);
  const begin = svg.indexOf(">", svg.indexOf("<svg")) + 1;
  return svg.slice(0, begin) + theme + svg.slice(begin);
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
