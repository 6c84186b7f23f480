/**
 * The figure of the sizes of pictures.
 *
 * @module
 */
import type { Sizes } from "../../data/inspection/sizes.ts";
import { drawEmbeddedFigure } from "./draw_figure.ts";
import { HEIGHT, WIDTH } from "./evaluation_figures.ts";
import { html, Markup } from "./markup.ts";

/** Most bars of the histogram. */
const BARS = 24;

/** Tells if there is more to draw than one bar. */
export const isVaried = ({ shorterSides }: Sizes): boolean => shorterSides[0] !== shorterSides.at(-1);

/** Draws how many pictures have a shorter side of each length. */
export async function drawSizes({ shorterSides }: Sizes): Promise<Markup> {
  const bars = barsOf(shorterSides);
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: HEIGHT, data: { values: bars } },
    mark: { type: "bar", binSpacing: 1 },
    encoding: {
      x: { field: "from", type: "quantitative", bin: { binned: true }, title: "shorter side in pixels" },
      x2: { field: "to" },
      y: { field: "pictures", type: "quantitative", title: "pictures" },
    },
  });
  const [least, greatest] = [shorterSides[0]!, shorterSides.at(-1)!];
  const caption = `Shorter sides of ${shorterSides.length} pictures, from ${least} to ${greatest} pixels.`;
  const drawing = html`<div role="img" aria-label="${caption}">${new Markup(svg)}</div>`;
  return html`<figure>${drawing}<figcaption>${caption}</figcaption></figure>`;
}

/** Counts sides in ranges of equal length. */
export function barsOf(sides: readonly number[]): { from: number; to: number; pictures: number }[] {
  const least = sides[0]!, greatest = sides.at(-1)!;
  const length = Math.max(1, Math.ceil((greatest - least + 1) / BARS));
  const bars = Array.from({ length: Math.floor((greatest - least) / length) + 1 }, (_, at) => ({
    ...{ from: least + at * length, to: least + (at + 1) * length },
    pictures: 0,
  }));
  for (const side of sides) bars[Math.floor((side - least) / length)]!.pictures++;
  return bars;
}
