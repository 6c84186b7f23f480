/**
 * Draws the learning curves of runs as SVG.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { drawEmbeddedFigure, namesOf, palette } from "./draw_figure.ts";
import { curvesOf, type Point } from "./curve_points.ts";
import { type Figure, HEIGHT, WIDTH } from "./evaluation_figures.ts";
import type { RunData } from "./read_run.ts";

/** Draws loss, accuracy and learning rate over time, of one run or several. */
export async function learningCurves(runs: readonly RunData[]): Promise<Figure[]> {
  const lines = runs.length > 1 ? " Training is dashed." : "";
  const { unit, loss, accuracy, learningRate } = curvesOf(runs);
  const curves = [
    {
      title: "Loss",
      caption:
        `Training: cross-entropy and weight decay, before each step's update. Validation: cross-entropy alone.${lines}`,
      points: loss,
    },
    {
      title: "Accuracy",
      caption: `Training: augmented batches.${validationText(runs)}${lines}`,
      points: accuracy,
    },
    // One logged step says nothing about the schedule.
    {
      title: "Learning rate",
      caption: "Learning rate of each logged step.",
      points: learningRate.length > 1 ? learningRate : [],
    },
  ];
  return await Promise.all(
    curves.filter(({ points }) => points.length > 0).map(async ({ title, caption, points }) => ({
      title,
      caption,
      svg: await drawEmbeddedFigure(curveSpec(title, points, unit, runs.map(({ name }) => name))),
    })),
  );
}

/** A sentence about the images of the validations. */
function validationText(runs: readonly RunData[]): string {
  const choices = new Set(
    runs.map(({ configuration: { validation } }) => validation).filter((name) => name !== "none"),
  );
  if (choices.size === 0) return "";
  if (!choices.has("test")) return " Validation: images that are neither trained on nor in the test split.";
  return ` Validation: ${choices.size > 1 ? "of some runs " : ""}the test images.`;
}

function curveSpec(title: string, points: readonly Point[], unit: string, runs: readonly string[]): TopLevelSpec {
  const several = runs.length > 1, splits = [...new Set(points.map(({ split }) => split))];
  const percent = title === "Accuracy";
  const last = Math.max(...points.map(({ at }) => at));
  // From two epochs on, ticks are whole epochs.
  const xAxis = { grid: false, format: unit === "step" ? "~s" : ".3~g", ...(last >= 2 && { tickMinStep: 1 }) };
  const { params, labelExpr, domain } = namesOf("runs", runs);
  const color = several
    ? { field: "run", type: "nominal" as const, sort: null, scale: { domain }, title: null, legend: { labelExpr } }
    : { field: "split", type: "nominal" as const, sort: null, title: null };
  const dashes = { domain: ["validation", "training"], range: [[1, 0], [4, 3]] };
  return {
    ...{ width: WIDTH, height: HEIGHT, params },
    data: { values: points.map((point) => ({ ...point, few: isFew(point, points) })) },
    encoding: {
      x: { field: "at", type: "quantitative", title: unit, axis: xAxis },
      y: {
        field: "value",
        type: "quantitative",
        title: null,
        scale: { zero: title === "Learning rate" },
        axis: { format: percent ? ".0%" : "~g", tickCount: 6 },
      },
      color: splits.length > 1 || several ? color : { value: palette[0]! },
    },
    layer: [
      {
        mark: { type: "line", strokeWidth: 1.8 },
        encoding: several && splits.length > 1
          ? { strokeDash: { field: "split", type: "nominal", sort: null, legend: null, scale: dashes } }
          : {},
      },
      { transform: [{ filter: "datum.few" }], mark: { type: "point", filled: true, size: 24, opacity: 1 } },
    ],
  };
}

/** Greatest number of points that are marked one by one; a single point has no line. */
const MARKED = 8;

const isFew = ({ run, split }: Point, points: readonly Point[]): boolean =>
  points.filter((other) => other.run === run && other.split === split).length <= MARKED;
