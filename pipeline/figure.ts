/**
 * Figures: Vega-Lite specifications drawn as SVG.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";

/** Draws a figure that can be read on light and on dark ground. */
export async function drawFigure(spec: TopLevelSpec): Promise<string> {
  const [{ parse, View }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  return await view.toSVG();
}
