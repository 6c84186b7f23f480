/**
 * The figure of branch correlations: bars of runs side by side, block by block.
 *
 * @module
 */
import { printable, shortened } from "../../data/printable.ts";
import type { BranchCorrelation } from "../run/correlation_file.ts";
import { drawFigure, namesOf } from "./draw_figure.ts";

/** Width of a block's bars, and the least width of the figure, in pixels. */
const BLOCK_WIDTH = 48, LEAST_WIDTH = 440;

/** Draws the correlations of one or more runs as SVG. */
export function drawCorrelations(correlations: readonly BranchCorrelation[]): Promise<string> {
  const { encoding, ...bars } = correlationBars(correlations, {
    labelAngle: -40,
    title: "correlation",
    legend: { orient: "bottom", columns: 1, labelLimit: 400 },
  });
  return drawFigure({
    title: `Correlation of the branches of a block, ${shortened(correlations[0]!.dataset)}`,
    width: Math.max(LEAST_WIDTH, BLOCK_WIDTH * correlations[0]!.blocks.length),
    height: 260,
    padding: 16,
    ...bars,
    // Readers who cannot see the figure get the names, not their indices.
    encoding: { ...encoding, description: { field: "words", type: "nominal" } },
  });
}

interface Bars {
  readonly labelAngle: number;
  /** Title of the axis of correlations. */
  readonly title: string | null;
  readonly legend: { readonly columns: number; readonly orient?: "bottom"; readonly labelLimit?: number };
}

/** Returns the data, names and encoding of the bars. */
export function correlationBars(correlations: readonly BranchCorrelation[], { labelAngle, title, legend }: Bars) {
  const names = [...new Set(correlations.flatMap(({ blocks }) => blocks.map(({ block }) => block)))];
  const blocks = namesOf("blocks", names);
  const titles = correlations.map(({ run, shake }) => `${run} (${shake})`);
  const runs = namesOf("runs", titles);
  return {
    params: [...blocks.params, ...runs.params],
    data: {
      values: correlations.flatMap(({ blocks }, run) =>
        blocks.map(({ block, correlation }) => ({
          ...{ run, block: names.indexOf(block), correlation },
          words: printable(`${titles[run]}, ${block}: ${correlation.toFixed(4)}`),
        }))
      ),
    },
    mark: "bar" as const,
    encoding: {
      x: {
        field: "block",
        type: "nominal" as const,
        sort: null,
        title: null,
        axis: { labelAngle, labelExpr: blocks.labelExpr, description: "blocks" },
      },
      xOffset: { field: "run", sort: null },
      y: { field: "correlation", type: "quantitative" as const, title },
      color: {
        field: "run",
        type: "nominal" as const,
        sort: null,
        title: null,
        legend: { ...legend, labelExpr: runs.labelExpr, description: "runs" },
      },
    },
  };
}
