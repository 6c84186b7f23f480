/**
 * Draws the losses of a sweep of learning rates as SVG.
 *
 * @module
 */
import { drawFigure } from "./draw_figure.ts";

interface RatePoint {
  readonly rate: number;
  readonly loss: number;
  readonly smoothed: number;
}

/** Height above the first losses, in times the fall: the figure shows the fall, not the explosion at its end. */
const ABOVE = 0.6;

/**
 * The losses that the figure shows, from the least to some above the smoothed loss before its fall. Losses of an explosion are
 * hundreds of times as large and would leave the rest a flat line.
 */
export function shownLosses(points: readonly RatePoint[]): [number, number] {
  const smoothed = points.map(({ smoothed }) => smoothed), least = Math.min(...smoothed);
  const before = Math.max(...smoothed.slice(0, smoothed.indexOf(least) + 1));
  const low = Math.min(...points.map(({ loss }) => loss));
  // A loss that never falls has no height of its own.
  return [low, before > least ? before + ABOVE * (before - least) : 2 * least];
}

/**
 * Draws the loss against the rate, on a logarithmic axis.
 *
 * @param proposed the rate that is marked; undefined without one
 */
export function drawRates(points: readonly RatePoint[], title: string, proposed: number | undefined): Promise<string> {
  const axis = { values: points.length > 0 ? powersOfTen(points[0]!.rate, points.at(-1)!.rate) : [], format: "~g" };
  const scale = { type: "log" as const, nice: false };
  const x = { field: "rate", type: "quantitative" as const, scale, axis, title: "learning rate" };
  const domain = points.length > 0 ? shownLosses(points) : [0, 1];
  const y = (field: string) => ({ field, type: "quantitative" as const, scale: { domain, nice: true }, title: "loss" });
  return drawFigure({
    ...{ width: 480, height: 300, title, background: "white" },
    layer: [
      {
        data: { values: [...points] },
        mark: { type: "point", filled: true, size: 12, opacity: 0.35, clip: true },
        encoding: { x, y: y("loss") },
      },
      { data: { values: [...points] }, mark: { type: "line", clip: true }, encoding: { x, y: y("smoothed") } },
      ...(proposed === undefined ? [] : [{
        data: { values: [{ rate: proposed, text: `proposed: ${proposed}` }] },
        encoding: { x },
        layer: [
          { mark: { type: "rule" as const, strokeDash: [4, 3], color: "#c2410c" } },
          {
            mark: { type: "text" as const, color: "#c2410c", align: "right" as const, dx: -6, y: 10 },
            encoding: { text: { field: "text" } },
          },
        ],
      }]),
    ],
  });
}

/** The powers of ten from one number to another. */
function powersOfTen(from: number, to: number): number[] {
  const first = Math.ceil(Math.log10(from) - 1e-9), last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => Number(`1e${first + at}`));
}
