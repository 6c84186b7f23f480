/**
 * The figure of `experiment shaking`: errors over the epochs, mean and range over seeds, and branch correlations beside.
 *
 * @module
 */
import { printable } from "../../data/printable.ts";
import { drawThemedFigure, namesOf, palette } from "./draw_figure.ts";

interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly greatest: number;
}

/** A mode of shaking. Errors are in percent. */
export interface ShakingSeries {
  readonly mode: string;
  readonly curve: readonly (Spread & { readonly epoch: number })[];
  readonly training: readonly (Spread & { readonly epoch: number })[];
  readonly branches: readonly (Spread & { readonly block: string })[];
}

const HEIGHT = 240, CURVE_WIDTH = 290;
/** Width of the bars of a mode in a block, and of the space between blocks. */
const BAR_WIDTH = 20, BLOCK_SPACE = 24, LEAST_WIDTH = 190;

export interface ShakingTitle {
  readonly title: string;
  readonly subtitle: string;
  /** Names the pictures of the curve: `test` or `validation`. */
  readonly judged: string;
}

/** Draws the three panels as SVG. */
export function drawShaking(series: readonly ShakingSeries[], texts: ShakingTitle): Promise<string> {
  const modes = namesOf("runs", series.map(({ mode }) => mode));
  const legend = {
    labelExpr: modes.labelExpr,
    orient: "top" as const,
    symbolType: "circle" as const,
    symbolOpacity: 1,
  };
  const scale = { domain: modes.domain, range: palette };
  const color = { field: "run", type: "nominal" as const, sort: null, title: null, scale, legend };
  const names = [...new Set(series.flatMap(({ branches }) => branches.map(({ block }) => block)))];
  const blocks = namesOf("blocks", names);
  const last = Math.max(
    1,
    ...series.flatMap(({ curve, training }) => [...curve, ...training].map(({ epoch }) => epoch)),
  );
  // Both curves have one axis, though fewer epochs are validated than trained.
  const x = {
    ...{ field: "epoch", type: "quantitative" as const, title: "epoch" },
    ...{ scale: { domain: [0, last], nice: false }, axis: { grid: false, tickMinStep: 1 } },
  };
  return drawThemedFigure({
    title: {
      ...{ text: printable(texts.title), anchor: "start" as const },
      ...{ subtitle: printable(texts.subtitle), subtitleColor: "currentColor", subtitlePadding: 4, offset: 12 },
    },
    padding: 16,
    params: [...modes.params, ...blocks.params],
    hconcat: [
      curvePanel(`${texts.judged} error, %`, series.map(({ curve }) => curve), { x, color }),
      curvePanel("training error, %", series.map(({ training }) => training), { x, color }),
      branchPanel(series, names, blocks.labelExpr, color),
    ],
  });
}

/** The colour of a mode, and its legend. */
interface Colour {
  readonly field: string;
  readonly type: "nominal";
}

interface CurveEncoding {
  readonly x: { readonly field: string; readonly type: "quantitative" };
  readonly color: Colour;
}

function curvePanel(title: string, curves: readonly ShakingSeries["curve"][], encoding: CurveEncoding) {
  const values = curves.flatMap((points, run) => points.map((point) => ({ run, ...point })));
  // A single epoch has no line.
  const isShort = curves.some(({ length }) => length === 1);
  return {
    ...{ width: CURVE_WIDTH, height: HEIGHT, data: { values } },
    encoding,
    layer: [
      {
        mark: { type: "area" as const, opacity: 0.22 },
        encoding: {
          y: { field: "least", type: "quantitative" as const, title, scale: { zero: false } },
          y2: { field: "greatest" },
        },
      },
      {
        mark: { type: "line" as const, strokeWidth: 1.8, point: isShort },
        encoding: { y: { field: "mean", type: "quantitative" as const, title } },
      },
    ],
  };
}

function branchPanel(series: readonly ShakingSeries[], names: readonly string[], labelExpr: string, color: Colour) {
  const values = series.flatMap(({ branches }, run) =>
    branches.map(({ block, ...spread }) => ({ run, block: names.indexOf(block), ...spread }))
  );
  const width = Math.max(LEAST_WIDTH, names.length * (series.length * BAR_WIDTH + BLOCK_SPACE));
  return {
    ...{ width, height: HEIGHT, data: { values } },
    encoding: {
      x: {
        field: "block",
        type: "nominal" as const,
        sort: null,
        title: null,
        axis: { labelAngle: -30, labelExpr, grid: false },
      },
      xOffset: { field: "run", sort: null },
      color,
    },
    layer: [
      {
        mark: { type: "bar" as const },
        encoding: { y: { field: "mean", type: "quantitative" as const, title: "correlation of the branches" } },
      },
      {
        mark: { type: "rule" as const, strokeWidth: 1.4 },
        encoding: {
          y: { field: "least", type: "quantitative" as const },
          y2: { field: "greatest" },
          color: { value: "currentColor" },
        },
      },
    ],
  };
}
