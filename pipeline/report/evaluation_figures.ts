/**
 * Draws the figures of an evaluated run as SVG.
 *
 * @module
 */
import { percentText } from "../cli/quantity.ts";
import { correlationBars } from "./correlation_figure.ts";
import { drawEmbeddedFigure, namesOf, palette } from "./draw_figure.ts";
import type { RunData } from "./read_run.ts";

/** Size of a figure in pixels; it fits an upright phone. */
export const WIDTH = 400;
export const HEIGHT = 260;
const [BLUE, ORANGE] = palette as [string, string];

export interface Figure {
  readonly title: string;
  /** Exact description, also for readers who cannot see the figure. */
  readonly caption: string;
  readonly svg: string;
}

type Evaluation = NonNullable<RunData["evaluation"]>;

/** Room for the name of a class at an axis, in pixels. */
const NAME_ROOM = 120;
/** Greatest number of classes with numbers in cells and names at axes. */
const NAMED_CLASSES = 25;

/** Draws the confusion matrix; the shade of a cell is its share of the images of its row. */
export async function confusionMatrix({ confusion, classes }: Evaluation): Promise<Figure> {
  const named = classes.length <= NAMED_CLASSES;
  const { params, labelExpr, domain } = namesOf("classes", classes.map(({ label }) => label));
  const values = confusion.flatMap((row, actual) =>
    row.flatMap((images, predicted) =>
      images === 0 ? [] : [{
        ...{ actual, predicted, images, share: images / classes[actual]!.support },
        kind: actual === predicted ? "right" : "wrong",
      }]
    )
  );
  const axis = named
    ? { labelExpr, labelLimit: NAME_ROOM, labelOverlap: false, ticks: false, domain: false }
    : { labels: false, ticks: false, domain: false };
  const scale = { domain, paddingInner: named ? 0.06 : 0 };
  const cells = { type: "rect" as const, cornerRadius: named ? 2 : 0 };
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: WIDTH, params },
    // Without names at the axes a frame shows where the classes begin and end.
    ...(!named && { view: { stroke: "currentColor", strokeOpacity: 0.2 } }),
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
          // The square root keeps rare mistakes visible.
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
          mark: { type: "text" as const, fontSize: classes.length > 12 ? 7 : 10 },
          encoding: { text: { field: "images", type: "quantitative" as const } },
        }]
        : []),
    ],
  });
  return {
    title: "Confusion matrix",
    caption: `Images of each class (row) by predicted class (column)${
      named ? "" : ", both in the order of the table of classes"
    }.`,
    svg,
  };
}

/** Draws the reliability of the network's own probabilities, and of those with a temperature beside it. */
export async function reliabilityDiagrams({ calibration, calibrated }: Evaluation): Promise<Figure[]> {
  if (!calibrated) return [await reliabilityDiagram("Calibration", calibration)];
  const { before, after, temperature } = calibrated;
  return await Promise.all([
    reliabilityDiagram("Calibration without temperature", before.calibration),
    reliabilityDiagram(`Calibration with temperature ${temperature.toFixed(3)}`, after.calibration),
  ]);
}

/** Draws accuracy against confidence (the reliability diagram of Guo et al. 2017). */
async function reliabilityDiagram(title: string, calibration: Evaluation["calibration"]): Promise<Figure> {
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
            axis: { format: ".0%", grid: false, values: [0, 0.2, 0.4, 0.6, 0.8, 1] },
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
  const caption =
    "Accuracy of the images whose likeliest class has a given probability. Calibrated probabilities lie on " +
    `the dashed line. Calibration error ${percentText(calibration.expectedCalibrationError)}.`;
  return { title, caption, svg };
}

/** Draws the correlation of the branches, block by block, of the runs that were measured together. */
export async function branchCorrelations({ correlations }: RunData): Promise<Figure | undefined> {
  if (!correlations?.length) return undefined;
  const svg = await drawEmbeddedFigure({
    ...{ width: WIDTH, height: HEIGHT },
    ...correlationBars(correlations, { labelAngle: -90, title: null, legend: { columns: 1 } }),
  });
  const caption = "Correlation of the outputs of a block's branches on the test images (Gastaldi 2017, section 3.3).";
  return { title: "Branch correlation", caption, svg };
}

/** Draws the recall of each class, run beside run. */
export async function classesCompared(runs: readonly RunData[]): Promise<Figure | undefined> {
  const evaluated = runs.flatMap(({ evaluation }, run) => evaluation ? [{ run, classes: evaluation.classes }] : []);
  const labels = [...new Set(evaluated.flatMap(({ classes }) => classes.map(({ label }) => label)))];
  if (evaluated.length < 2 || labels.length > NAMED_CLASSES) return undefined;
  const ofClasses = namesOf("classes", labels), ofRuns = namesOf("runs", runs.map(({ name }) => name));
  const legend = { labelExpr: ofRuns.labelExpr };
  const svg = await drawEmbeddedFigure({
    // The names below take their room from the height.
    ...{ width: WIDTH, height: HEIGHT + NAME_ROOM, params: [...ofClasses.params, ...ofRuns.params] },
    data: {
      values: evaluated.flatMap(({ run, classes }) =>
        classes.map(({ label, recall }) => ({ run, label: labels.indexOf(label), recall }))
      ),
    },
    mark: "bar",
    encoding: {
      x: {
        field: "label",
        type: "nominal",
        sort: null,
        title: null,
        axis: { labelAngle: -90, labelExpr: ofClasses.labelExpr, labelLimit: NAME_ROOM },
      },
      xOffset: { field: "run", sort: null },
      y: { field: "recall", type: "quantitative", title: null, axis: { format: ".0%" } },
      color: { field: "run", type: "nominal", sort: null, title: null, scale: { domain: ofRuns.domain }, legend },
    },
  });
  return { title: "Recall by class", caption: "Share of a class's images that each run classifies correctly.", svg };
}
