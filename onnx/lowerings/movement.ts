/**
 * Kernels that move elements, or make new ones, without arithmetic.
 *
 * @module
 */
import { slice_util, util } from "@tensorflow/tfjs";
import { type DataType, DYNAMIC, type Kernel, type Value } from "../graph/graph.ts";
import { axisIn, type Form, permuteTo } from "./layouts.ts";
import type { Lowering, Scope } from "./lowering.ts";
import { elementType, type Name } from "../file/model_builder.ts";

/** Past the end of every axis. */
const END = Number.MAX_SAFE_INTEGER;

/** A slice from `begin` up to `end` by `step`, given for some axes. */
export interface Range {
  readonly axis: number;
  readonly begin: number;
  readonly end: number;
  readonly step?: number;
}

/** Adds a slice of the axes named, or nothing where there are none. */
export function slice({ builder }: Scope, name: Name, ranges: readonly Range[]): Name {
  if (ranges.length === 0) return name;
  const lists = [
    ranges.map(({ begin }) => begin),
    ranges.map(({ end }) => end),
    ranges.map(({ axis }) => axis),
    ranges.map(({ step = 1 }) => step),
  ];
  return builder.node("Slice", [name, ...lists.map((list) => builder.integers(list))]);
}

/** Adds padding of zeros (or `value`), `[before, after]` for every axis, or nothing where there is none. */
export function pad({ builder }: Scope, name: Name, paddings: readonly (readonly [number, number])[], value = 0): Name {
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return name;
  const pads = builder.integers([...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]);
  return builder.node("Pad", [name, pads, builder.scalar(value)]);
}

/** Joins values along an axis. */
export const concatenate = ({ builder }: Scope, names: readonly Name[], axis: number): Name =>
  names.length === 1 ? names[0]! : builder.node("Concat", names, { axis });

/** A kernel of one input `x` and one output that keeps the form of its input. */
function movement(
  infer: Lowering["infer"],
  emit: (scope: Scope, x: Name, kernel: Kernel, form: Form) => Name,
): Lowering {
  return {
    infer,
    lower(kernel, scope) {
      const x = kernel.inputs["x"]!;
      const form = formToMove(scope, [x], x.shape[3] === kernel.outputs[0]!.shape[3]);
      scope.define(kernel.outputs[0]!, emit(scope, scope.name(x, form), kernel, form), form);
    },
  };
}

/** The form in which to move values; blocked only if channels stay where they are in their blocks. */
function formToMove(scope: Scope, values: readonly Value[], blocksStay: boolean): Form {
  const form = scope.preferredForm(values);
  return form === "blocked" && !blocksStay ? "channelsFirst" : form;
}

const filled = (value: number): Lowering => ({
  infer: ({ x }) => x!,
  lower({ outputs }, scope) {
    scope.define(outputs[0]!, fill(scope, value, outputs[0]!));
  },
});

function fill({ builder }: Scope, value: number, { shape, dtype }: Value): Name {
  const element = builder.constant(
    (dtype === "float32" ? Float32Array : dtype === "int32" ? Int32Array : Uint8Array).of(value),
    [],
    dtype,
  );
  return builder.node("Expand", [element, builder.integers(shape)]);
}

const concat: Lowering = {
  infer(inputs, { axis }) {
    const values = Object.values(inputs);
    const first = values[0]!;
    const at = util.parseAxisParam(axis as number, [...first.shape])[0]!;
    const shape = first.shape.with(at, values.reduce((sum, { shape }) => sum + shape[at]!, 0));
    return { shape, dtype: first.dtype };
  },
  lower({ inputs, attributes, outputs }, scope) {
    const values = Object.values(inputs);
    const axis = util.parseAxisParam(attributes["axis"] as number, [...values[0]!.shape])[0]!;
    const form = formToMove(scope, values, axis !== 3 || values.every((value) => scope.canBlock(value)));
    const names = values.map((value) => scope.name(value, form));
    scope.define(outputs[0]!, concatenate(scope, names, axisIn(form, axis)), form);
  },
};

const padV2 = movement(
  ({ x }, { paddings }) => ({
    shape: x!.shape.map((size, axis) =>
      size + (paddings as number[][])[axis]![0]! + (paddings as number[][])[axis]![1]!
    ),
    dtype: x!.dtype,
  }),
  (scope, x, { attributes }, form) =>
    pad(
      scope,
      x,
      permuteTo(form, attributes["paddings"] as [number, number][], [0, 0]),
      attributes["constantValue"] as number,
    ),
);

const sliceKernel = movement(
  ({ x }, { begin, size }) => {
    const [, shape] = slice_util.parseSliceParams(
      { shape: [...x!.shape] } as never,
      begin as number[],
      size as number[],
    );
    return { shape: shape!, dtype: x!.dtype };
  },
  (scope, x, { inputs, outputs, attributes }, form) => {
    const ranges = (attributes["begin"] as number[]).map((begin, axis): Range => {
      const size = outputs[0]!.shape[axis]!;
      return { axis: axisIn(form, axis), begin, end: size === DYNAMIC ? END : begin + size };
    });
    const whole = inputs["x"]!.shape.map((size, axis) => size === outputs[0]!.shape[axis]);
    return slice(scope, x, ranges.filter((_, axis) => !whole[axis]));
  },
);

function stridedRanges(shape: readonly number[], attributes: Kernel["attributes"]) {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attributes as {
    begin: number[];
    end: number[];
    strides: number[];
  } & Record<string, number>;
  return slice_util.sliceInfo(
    [...shape],
    begin,
    end,
    strides,
    beginMask!,
    endMask!,
    ellipsisMask!,
    newAxisMask!,
    shrinkAxisMask!,
  );
}

const stridedSlice: Lowering = {
  infer: ({ x }, attributes) => ({ shape: stridedRanges(x!.shape, attributes).finalShape, dtype: x!.dtype }),
  lower({ inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!;
    const { begin, end, strides, finalShape } = stridedRanges(x.shape, attributes);
    const ranges = begin.map((first, axis): Range => {
      const step = strides[axis]!;
      return { axis, begin: first, end: step < 0 && end[axis]! < 0 ? -END : end[axis]!, step };
    });
    const sliced = slice(scope, scope.name(x), ranges);
    const reshaped = attributes["newAxisMask"] !== 0 || attributes["shrinkAxisMask"] !== 0;
    scope.define(outputs[0]!, reshaped ? scope.reshape(sliced, finalShape) : sliced);
  },
};

const split: Lowering = {
  infer({ x }, { numOrSizeSplits, axis }) {
    const at = util.parseAxisParam(axis as number, [...x!.shape])[0]!;
    const sizes = splitSizes(x!.shape[at]!, numOrSizeSplits as number | number[]);
    return sizes.map((size) => ({ shape: x!.shape.with(at, size), dtype: x!.dtype }));
  },
  lower({ inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!;
    const axis = util.parseAxisParam(attributes["axis"] as number, [...x.shape])[0]!;
    const form = formToMove(scope, [x], axis !== 3 || outputs.every((value) => scope.canBlock(value)));
    const unit = form === "blocked" && axis === 3 ? scope.block! : 1;
    const sizes = scope.builder.integers(outputs.map(({ shape }) => shape[axis]! / unit));
    const names = scope.builder.nodes(
      "Split",
      [scope.name(x, form), sizes],
      { axis: axisIn(form, axis) },
      outputs.length,
    );
    outputs.forEach((value, at) => scope.define(value, names[at]!, form));
  },
};

function splitSizes(size: number, parts: number | readonly number[]): number[] {
  if (typeof parts === "number") return Array(parts).fill(size / parts);
  const known = parts.reduce((sum, part) => part === -1 ? sum : sum + part, 0);
  return parts.map((part) => part === -1 ? size - known : part);
}

const reshape: Lowering = {
  infer({ x }, { shape }) {
    return {
      shape: util.inferFromImplicitShape(shape as number[], util.sizeFromShape([...x!.shape])),
      dtype: x!.dtype,
    };
  },
  lower({ inputs, outputs }, scope) {
    const x = inputs["x"]!;
    const same = `${x.shape}` === `${outputs[0]!.shape}`;
    scope.define(outputs[0]!, same ? scope.name(x) : scope.reshape(scope.name(x), outputs[0]!.shape));
  },
};

/** Between images and channels-first images nothing moves: the value has another form. */
const transpose: Lowering = {
  infer: ({ x }, { perm }) => ({ shape: (perm as number[]).map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
  lower({ inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, perm = attributes["perm"] as number[];
    if (`${perm}` === "0,2,3,1") return scope.define(outputs[0]!, scope.name(x), "channelsFirst");
    if (`${perm}` === "0,3,1,2") return scope.define(outputs[0]!, scope.name(x, "channelsFirst"));
    scope.define(outputs[0]!, scope.builder.node("Transpose", [scope.name(x)], { perm }));
  },
};

/** Equality with 0 to depth - 1, along a new last axis. */
const oneHot: Lowering = {
  infer: ({ indices }, { depth, dtype }) => ({
    shape: [...indices!.shape, depth as number],
    dtype: (dtype ?? "int32") as DataType,
  }),
  lower({ inputs, attributes, outputs }, scope) {
    const { builder } = scope;
    const { depth, onValue, offValue } = attributes as { depth: number; onValue: number; offValue: number };
    const indices = builder.node("Unsqueeze", [scope.name(inputs["indices"]!), builder.integers([-1])]);
    const classes = builder.constant(Int32Array.from({ length: depth }, (_, at) => at), [depth], "int32");
    const chosen = builder.node("Where", [
      builder.node("Equal", [indices, classes]),
      builder.scalar(onValue),
      builder.scalar(offValue),
    ]);
    const { dtype } = outputs[0]!;
    scope.define(
      outputs[0]!,
      dtype === "float32" ? chosen : builder.node("Cast", [chosen], { to: elementType[dtype] }),
    );
  },
};

export const movementLowerings = {
  Concat: concat,
  ExpandDims: {
    infer({ input }, { dim }) {
      const at = (dim as number) < 0 ? (dim as number) + input!.shape.length + 1 : dim as number;
      return { shape: input!.shape.toSpliced(at, 0, 1), dtype: input!.dtype };
    },
    lower({ inputs, outputs }, scope) {
      scope.define(outputs[0]!, scope.reshape(scope.name(inputs["input"]!), outputs[0]!.shape));
    },
  },
  Fill: {
    infer: (_, { shape, dtype }) => ({ shape: shape as number[], dtype: (dtype ?? "float32") as DataType }),
    lower({ attributes, outputs }, scope) {
      scope.define(outputs[0]!, fill(scope, attributes["value"] as number, outputs[0]!));
    },
  },
  OneHot: oneHot,
  OnesLike: filled(1),
  PadV2: padV2,
  Reshape: reshape,
  Slice: sliceKernel,
  SplitV: split,
  StridedSlice: stridedSlice,
  Transpose: transpose,
  ZerosLike: filled(0),
} satisfies Record<string, Lowering>;
