/**
 * The figures of a report, each an SVG.
 *
 * @module
 */
import type { TopLevelSpec } from "vega-lite";
import { drawEmbeddedFigure, palette } from "../figure.ts";
import { curvesOf, type Point } from "./curves.ts";
import type { RunData } from "./run_data.ts";

/** Small enough to be read on a phone without turning it. */
const WIDTH = 400;
const HEIGHT = 260;
const [BLUE, ORANGE] = palette as [string, string];

export interface Figure {
  readonly title: string;
  /** What it shows, for who cannot see it and who wants to know exactly. */
  readonly caption: string;
  readonly svg: string;
}

type Evaluation = NonNullable<RunData["evaluation"]>;

/** Loss, accuracy and learning rate over the epochs, of one run or several. */
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
      caption: `Of training batches as augmented, and of the validation images.${lines}`,
      points: accuracy,
    },
    { title: "Learning rate", caption: "Of each logged step.", points: learningRate },
  ];
  return await Promise.all(
    curves.filter(({ points }) => points.length > 0).map(async ({ title, caption, points }) => ({
      title,
      caption,
      svg: await drawEmbeddedFigure(curveSpec(title, points, unit, runs.map(({ name }) => name))),
    })),
  );
}

function curveSpec(title: string, points: readonly Point[], unit: string, runs: readonly string[]): TopLevelSpec {
  const several = runs.length > 1, splits = [...new Set(points.map(({ split }) => split))];
  const percent = title === "Accuracy";
  const last = Math.max(...points.map(({ at }) => at));
  // Of a few epochs parts are shown, of many only whole ones.
  const xAxis = { grid: false, format: unit === "step" ? "~s" : "~g", ...(last >= 2 && { tickMinStep: 1 }) };
  const color = several
    ? { field: "run", type: "nominal" as const, sort: null, scale: { domain: [...runs] }, title: null }
    : { field: "split", type: "nominal" as const, sort: null, title: null };
  return {
    ...{ width: WIDTH, height: HEIGHT },
    data: { values: points.map((point) => ({ ...point })) },
    mark: { type: "line", strokeWidth: 1.8, point: points.length <= 4 * splits.length * runs.length },
    encoding: {
      x: {
        field: "at",
        type: "quantitative",
        title: unit,
        axis: xAxis,
      },
      y: {
        field: "value",
        type: "quantitative",
        title: null,
        scale: { zero: title === "Learning rate" },
        axis: { format: percent ? ".0%" : "~g", tickCount: 6 },
      },
      color: splits.length > 1 || several ? color : { value: BLUE },
      ...(several && splits.length > 1 && {
        strokeDash: {
          field: "split",
          type: "nominal",
          sort: null,
          legend: null,
          scale: { domain: ["validation", "training"], range: [[1, 0], [4, 3]] },
        },
      }),
    },
  };
}

/** Above so many classes, cells have no numbers and axes no names. */
const NAMED_CLASSES = 25;

/** The confusion matrix; the shade of a cell is its share of the images of its row. */
export async function confusionMatrix({ confusion, classes }: Evaluation): Promise<Figure> {
  const labels = classes.map(({ label }) => label);
  const named = labels.length <= NAMED_CLASSES;
  const values = confusion.flatMap((row, actual) =>
    row.flatMap((images, predicted) =>
      images === 0 ? [] : [{
        ...{ actual, predicted, images, share: images / classes[actual]!.support },
        kind: actual === predicted ? "right" : "wrong",
      }]
    )
  );
  const axis = named
    ? { labelExpr: `${JSON.stringify(labels)}[datum.value]`, labelOverlap: false, ticks: false, domain: false }
    : { labels: false, ticks: false, domain: false };
  const scale = { domain: labels.map((_, at) => at), paddingInner: named ? 0.06 : 0 };
  const cells = { type: "rect" as const, cornerRadius: named ? 2 : 0 };
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: WIDTH },
    data: { values },
    encoding: {
      x: { field: "predicted", type: "ordinal", scale, title: "predicted", axis: { ...axis, labelAngle: -90 } },
      y: { field: "actual", type: "ordinal", scale, title: "actual", axis },
    },
    layer: [
      {
        mark: cells,
        encoding: {
          color: {
            field: "kind",
            type: "nominal",
            scale: { domain: ["right", "wrong"], range: [BLUE, ORANGE] },
            legend: null,
          },
          // Rare mistakes are to be seen too.
          opacity: {
            field: "share",
            type: "quantitative",
            scale: { type: "sqrt", domain: [0, 1], range: [0.08, 0.85] },
            legend: null,
          },
        },
      },
      ...(named
        ? [{
          mark: { type: "text" as const, fontSize: labels.length > 12 ? 7 : 10 },
          encoding: { text: { field: "images", type: "quantitative" as const } },
        }]
        : []),
    ],
  });
  return {
    title: "Confusion matrix",
    caption: "Images of a class (row) that were taken for each class (column).",
    svg,
  };
}

/** Accuracy against confidence (the reliability diagram of Guo et al. 2017). */
export async function reliabilityDiagram({ calibration }: Evaluation): Promise<Figure | undefined> {
  if (!calibration) return undefined;
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: HEIGHT },
    layer: [
      {
        data: { values: calibration.bins.filter(({ images }) => images > 0) },
        mark: { type: "bar", color: BLUE, opacity: 0.75 },
        encoding: {
          x: {
            field: "from",
            type: "quantitative",
            bin: { binned: true, step: 1 / calibration.bins.length },
            title: "confidence",
            scale: { domain: [0, 1] },
            axis: { format: ".0%", grid: false },
          },
          x2: { field: "to" },
          y: {
            field: "accuracy",
            type: "quantitative",
            title: "accuracy",
            scale: { domain: [0, 1] },
            axis: { format: ".0%" },
          },
        },
      },
      {
        data: { values: [{ at: 0 }, { at: 1 }] },
        mark: { type: "line", strokeDash: [4, 3], color: "currentColor", opacity: 0.5 },
        encoding: { x: { field: "at", type: "quantitative" }, y: { field: "at", type: "quantitative" } },
      },
    ],
  });
  const caption = "Of the images with a given probability of the likeliest class, the share that is of it. " +
    "On the dashed line the probabilities are true.";
  return { title: "Calibration", caption, svg };
}

/** Correlation of the branches, block by block, of the runs that were measured together. */
export async function branchCorrelations({ correlations }: RunData): Promise<Figure | undefined> {
  if (!correlations?.length) return undefined;
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: HEIGHT },
    data: {
      values: correlations.flatMap(({ run, shake, blocks }) =>
        blocks.map(({ block, correlation }) => ({ run: `${run} (${shake})`, block, correlation }))
      ),
    },
    mark: "bar",
    encoding: {
      x: { field: "block", type: "nominal", sort: null, title: null, axis: { labelAngle: -90 } },
      xOffset: { field: "run", sort: null },
      y: { field: "correlation", type: "quantitative", title: null },
      color: { field: "run", type: "nominal", sort: null, title: null, legend: { columns: 1 } },
    },
  });
  const caption = "Correlation of the outputs of a block's branches on the test images (Gastaldi 2017, section 3.3).";
  return { title: "Branch correlation", caption, svg };
}

/** Recall of each class, run beside run. */
export async function classesCompared(runs: readonly RunData[]): Promise<Figure | undefined> {
  const evaluated = runs.filter(({ evaluation }) => evaluation);
  const most = Math.max(0, ...evaluated.map(({ evaluation }) => evaluation!.classes.length));
  if (evaluated.length < 2 || most > NAMED_CLASSES) return undefined;
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: HEIGHT },
    data: {
      values: evaluated.flatMap(({ name, evaluation }) =>
        evaluation!.classes.map(({ label, recall }) => ({ run: name, label, recall }))
      ),
    },
    mark: "bar",
    encoding: {
      x: { field: "label", type: "nominal", sort: null, title: null, axis: { labelAngle: -90 } },
      xOffset: { field: "run", sort: null },
      y: { field: "recall", type: "quantitative", title: null, axis: { format: ".0%" } },
      color: {
        field: "run",
        type: "nominal",
        sort: null,
        title: null,
        scale: { domain: runs.map(({ name }) => name) },
      },
    },
  });
  return { title: "Recall by class", caption: "Share of a class's images that each run recognises.", svg };
}
