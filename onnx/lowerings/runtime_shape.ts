/**
 * Shapes as ONNX values: constants where every size is known, and computed when the graph runs where one is not.
 *
 * @module
 */
import { isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import type { Name } from "../file/encode.ts";

/** The sizes of a value along its axes from `begin` up to `end`, as a list of int64. */
export function sizes(scope: LayoutScope, value: Value, begin = 0, end = value.shape.length): Name {
  const { builder } = scope, known = value.shape.slice(begin, end);
  if (!known.some(isDynamic)) return builder.integers(known);
  const all = builder.node("Shape", [scope.name(value)]);
  if (begin === 0 && end === value.shape.length) return all;
  return builder.node("Slice", [all, builder.integers([begin]), builder.integers([end]), builder.integers([0])]);
}

/** Joins lists of sizes. */
export function joinSizes({ builder }: LayoutScope, lists: readonly Name[]): Name {
  return lists.length === 1 ? lists[0]! : builder.node("Concat", lists, { axis: 0 });
}
