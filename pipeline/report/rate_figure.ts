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

/**
 * Draws the loss against the rate, on a logarithmic axis.
 *
 * @param proposed the rate that is marked; undefined without one
 */
export function drawRates(points: readonly RatePoint[], title: string, proposed: number | undefined): Promise<string> {
  const x = { field: "rate", type: "quantitative" as const, scale: { type: "log" as const }, title: "learning rate" };
  const y = (field: string) => ({ field, type: "quantitative" as const, scale: { zero: false }, title: "loss" });
  return drawFigure({
    ...{ width: 480, height: 300, title, background: "white" },
    layer: [
      {
        data: { values: [...points] },
        mark: { type: "point", filled: true, size: 12, opacity: 0.35 },
        encoding: { x, y: y("loss") },
      },
      { data: { values: [...points] }, mark: { type: "line" }, encoding: { x, y: y("smoothed") } },
      ...(proposed === undefined ? [] : [{
        data: { values: [{ rate: proposed }] },
        mark: { type: "rule" as const, strokeDash: [4, 3], color: "#ea7a17" },
        encoding: { x },
      }]),
    ],
  });
}
