/**
 * The figure of branch correlations: bars of runs side by side, block by block.
 *
 * @module
 */
import type { BranchCorrelation } from "../run/correlation_file.ts";
import { drawFigure } from "./draw_figure.ts";

/** Width of a block's bars, and the least width of the figure, in pixels. */
const BLOCK_WIDTH = 48, LEAST_WIDTH = 440;

const legend = { orient: "bottom", columns: 1, labelLimit: 400 } as const;

/** Draws the correlations of one or more runs as SVG. */
export const drawCorrelations = (correlations: readonly BranchCorrelation[]): Promise<string> =>
  drawFigure({
    title: `Correlation of the branches of a block, ${correlations[0]!.dataset}`,
    data: {
      values: correlations.flatMap(({ run, shake, blocks }) =>
        blocks.map(({ block, correlation }) => ({ run: `${run} (${shake})`, block, correlation }))
      ),
    },
    width: Math.max(LEAST_WIDTH, BLOCK_WIDTH * correlations[0]!.blocks.length),
    height: 260,
    padding: 16,
    mark: "bar",
    encoding: {
      x: { field: "block", type: "nominal", sort: null, title: null, axis: { labelAngle: -40 } },
      xOffset: { field: "run", sort: null },
      y: { field: "correlation", type: "quantitative", title: "correlation" },
      color: { field: "run", type: "nominal", sort: null, title: null, legend },
    },
  });
