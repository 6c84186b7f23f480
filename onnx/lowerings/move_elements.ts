/**
 * ONNX nodes that move elements (slices, padding, concatenation), and the layout in which to move them.
 *
 * @module
 */
import { util } from "@tensorflow/tfjs";
import type { Value } from "../graph/graph.ts";
import type { Size } from "./size_names.ts";
import type { LayoutScope } from "./layout_scope.ts";
import type { Layout } from "./layouts.ts";
import type { Name } from "../file/encode.ts";

/** Past the end of every axis. */
export const END = Number.MAX_SAFE_INTEGER;

/** A slice from `begin` up to `end` by `step`, given for some axes. */
export interface Range {
  readonly axis: number;
  readonly begin: Size;
  readonly end: Size;
  readonly step?: number;
}

/** Adds a slice of the axes named, or nothing where there are none. */
export function slice({ builder, sizes }: LayoutScope, name: Name, ranges: readonly Range[]): Name {
  if (ranges.length === 0) return name;
  const lists = [
    ranges.map(({ begin }) => begin),
    ranges.map(({ end }) => end),
    ranges.map(({ axis }) => axis),
    ranges.map(({ step = 1 }) => step),
  ];
  return builder.node("Slice", [name, ...lists.map((list) => sizes.numbers(list))]);
}

/** Numbers of elements to add before and after an axis; negative numbers cut. */
export type Padding = readonly [before: Size, after: Size];

/** Adds padding of float zeros (or `value`) for every axis, or nothing where there is none. */
export function pad(
  { builder, sizes }: LayoutScope,
  name: Name,
  paddings: readonly Padding[],
  value: Name = builder.scalar(0),
): Name {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return name;
  const pads = sizes.numbers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return builder.node("Pad", [name, pads, value]);
}

/** Joins values along an axis. */
export const concatenate = ({ builder }: LayoutScope, names: readonly Name[], axis: number): Name =>
  names.length === 1 ? names[0]! : builder.node("Concat", names, { axis });

/** Chooses the layout in which to move values; blocked only if channels stay where they are in their blocks. */
export function layoutToMove(scope: LayoutScope, values: readonly Value[], blocksStay: boolean): Layout {
  const layout = scope.preferredLayout(values);
  return layout === "blocked" && !blocksStay ? "channelsFirst" : layout;
}

/** True if a result has as many channels as the image it was moved from. */
export const keepsChannels = (x: Value, output: Value): boolean => x.shape[3] === output.shape[3];

/** The axis, counted from the start, that an attribute names. */
export const axisOf = ({ shape }: Value, axis: number): number => util.parseAxisParam(axis, [...shape])[0]!;
