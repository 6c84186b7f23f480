/**
 * The figure of recipes: accuracy against compute.
 *
 * @module
 */
import { printable } from "../../data/printable.ts";
import { drawFigure, namesOf } from "./draw_figure.ts";

/** A point of the figure. */
export interface RecipePoint {
  readonly recipe: string;
  readonly pflop: number;
  /** 0 to 1. */
  readonly mean: number;
}

/** Draws a line for each recipe, through its points, as SVG. */
export function drawRecipes(points: readonly RecipePoint[], title: string): Promise<string> {
  const names = [...new Set(points.map(({ recipe }) => recipe))];
  const runs = namesOf("runs", names);
  const legend = { columns: 1, labelExpr: runs.labelExpr, description: "recipes", symbolLimit: 0 };
  const recipe = { field: "recipe", type: "nominal" as const, sort: null, title: null, legend };
  return drawFigure({
    title: printable(title),
    ...{ width: 560, height: 360, padding: 16 },
    params: runs.params,
    data: {
      values: points.map(({ recipe, pflop, mean }) => ({
        ...{ recipe: names.indexOf(recipe), pflop, accuracy: 100 * mean },
        words: `${recipe}: ${(100 * mean).toFixed(2)} % after ${pflop.toPrecision(3)} PFLOP`,
      })),
    },
    mark: { type: "line", point: true },
    encoding: {
      x: { field: "pflop", type: "quantitative", scale: { type: "log", nice: false }, title: "PFLOP of training" },
      y: { field: "accuracy", type: "quantitative", scale: { zero: false }, title: "validation accuracy, %" },
      color: { ...recipe, scale: { scheme: "tableau20" } },
      shape: recipe,
      description: { field: "words", type: "nominal" },
    },
  });
}
