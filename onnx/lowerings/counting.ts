/**
 * Kernels that sum the elements of each of some classes. Elements outside the classes are left out: they are added to one
 * more class, which is cut off.
 *
 * @module
 */
import type {
  BincountAttrs,
  BincountInputs,
  DenseBincountAttrs,
  DenseBincountInputs,
  UnsortedSegmentSumAttrs,
  UnsortedSegmentSumInputs,
} from "@tensorflow/tfjs";
import type { DataType, Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { slice } from "./move_elements.ts";
import { namedRule } from "./runtime_check.ts";
import { requireOpset } from "./requirements.ts";
import { joinSizes, sizes as sizesOf } from "./runtime_shape.ts";
import { callersOf } from "../trace/tensorflow_kernels.ts";

interface Sums {
  /** The kernel, for messages. */
  readonly kernel: string;
  /** The class of every element: 0 to count - 1, or any other for none. Sizes of the axes behind are 1. */
  readonly classes: Name;
  readonly count: number;
  readonly elements: Name;
  /** The sizes of the result's axes before and behind the classes, as lists of int64. */
  readonly before?: Name;
  readonly behind?: Name;
  readonly dtype: DataType;
  /** Writes the last element of a class in place of the sum. */
  readonly last?: boolean;
  /** Refuses negative classes when the model runs, as TensorFlow.js does where it counts. */
  readonly isCount?: boolean;
}

function sumByClass(
  scope: LayoutScope,
  { kernel, count, dtype, last, before, behind, isCount, ...of }: Sums,
): Name {
  requireOpset(scope, kernel, 16);
  const { builder, sizes } = scope, axis = before ? 1 : 0, size = sizes.of(count);
  const parts = [before, sizes.list([sizes.add(size, 1)]), behind].filter((list) => list !== undefined);
  const empty = builder.node("Expand", [builder.scalar(0, dtype), joinSizes(scope, parts)]);
  const known = (isCount ? orBehindAll : withinCount)(scope, of.classes, count);
  // onnxruntime expands a size of 1 to 0 by leaving it 1.
  const classes = behind ? builder.node("Tile", [known, joinSizes(scope, [builder.integers([1]), behind])]) : known;
  const attributes = last ? { axis } : { axis, reduction: "add" };
  const add = () => builder.node("ScatterElements", [empty, classes, of.elements], attributes);
  const sums = isCount ? namedRule(builder, "counted_numbers_must_not_be_negative", add) : add();
  return slice(scope, sums, [{ axis, begin: 0, end: size }]);
}

/** The classes, with `count` in place of those outside. */
function withinCount({ builder, sizes }: LayoutScope, classes: Name, count: number): Name {
  const first = builder.scalar(0, "int32"), size = sizes.of(count);
  const end = typeof size === "number"
    ? builder.scalar(size, "int32")
    : builder.node("Cast", [size], { to: elementType.int32 });
  const inside = [builder.node("GreaterOrEqual", [classes, first]), builder.node("Less", [classes, end])];
  return builder.node("Where", [builder.node("And", inside), classes, end]);
}

/** The classes, with `count` in place of those above, and a place that a runtime refuses in place of negative ones. */
function orBehindAll({ builder }: LayoutScope, classes: Name, count: number): Name {
  const [first, end, behind] = [0, count, count + 1].map((number) => builder.scalar(number, "int32")) as [
    Name,
    Name,
    Name,
  ];
  const isNegative = builder.node("Less", [classes, first]);
  return builder.node("Where", [isNegative, behind, builder.node("Min", [classes, end])]);
}

/** The gradient of a gather, among others. TensorFlow.js makes float32 of every type. */
const unsortedSegmentSum = lowering<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>({
  infer({ x, segmentIds }, { numSegments }) {
    if (segmentIds.shape.length !== 1) {
      throw new TraceError(`tf.unsortedSegmentSum with ids of rank ${segmentIds.shape.length}; reshape them to rank 1`);
    }
    if (segmentIds.shape[0] !== x.shape[0]) {
      throw new TraceError(
        `tf.unsortedSegmentSum of [${x.shape}] with [${segmentIds.shape}] ids; give one id for each part of axis 0`,
      );
    }
    return { shape: x.shape.with(0, numSegments), dtype: "float32" };
  },
  lower({ name: kernel, inputs: { x, segmentIds }, attributes: { numSegments: count }, output }, scope) {
    const { builder } = scope, name = scope.name(x), { dtype } = output;
    const elements = x.dtype === dtype ? name : builder.node("Cast", [name], { to: elementType[dtype] });
    const column = [-1, ...Array(x.shape.length - 1).fill(1)];
    const classes = builder.node("Reshape", [scope.name(segmentIds), builder.integers(column)]);
    const sums = { kernel, classes, count, elements, dtype };
    scope.define(output, sumByClass(scope, x.shape.length === 1 ? sums : { ...sums, behind: sizesOf(scope, x, 1) }));
  },
});

/** The numbers of a count: a list of weights, or ones where it is empty. */
function weightsOf(scope: LayoutScope, kernel: string, weights: Value, shape: Name): Name {
  const { shape: [size], dtype } = weights;
  if (dtype === "bool") {
    throw new TraceError(`${callersOf(kernel)} with weights of bool; cast them to int32 or float32`);
  }
  if (size !== 0) return scope.builder.node("Reshape", [scope.name(weights), shape]);
  return scope.builder.node("Expand", [scope.builder.scalar(1, dtype), shape]);
}

/** Counts all numbers, whatever their shape. */
function countAll(
  scope: LayoutScope,
  kernel: string,
  { x, weights }: { x: Value; weights: Value },
  count: number,
): Name {
  const { builder } = scope, name = builder.node("Reshape", [scope.name(x), builder.integers([-1])]);
  const elements = weightsOf(scope, kernel, weights, builder.node("Shape", [name]));
  return sumByClass(scope, { kernel, classes: name, count, elements, dtype: weights.dtype, isCount: true });
}

const bincount = lowering<BincountInputs, BincountAttrs>({
  infer: ({ weights }, { size }) => ({ shape: [size], dtype: weights.dtype }),
  lower({ name, inputs, attributes: { size }, output }, scope) {
    scope.define(output, countAll(scope, name, inputs, size));
  },
});

/** Counts each row by itself. */
const denseBincount = lowering<DenseBincountInputs, DenseBincountAttrs>({
  infer: ({ x, weights }, { size }) => ({ shape: [...x.shape.slice(0, -1), size], dtype: weights.dtype }),
  lower({ name: kernel, inputs, attributes: { size: count, binaryOutput = false }, output }, scope) {
    const { x, weights } = inputs, { dtype } = weights;
    if (x.shape.length === 1 && binaryOutput) {
      throw new TraceError("tf.denseBincount of rank 1 counts in spite of binaryOutput; use rank 2");
    }
    if (x.shape.length < 2) return scope.define(output, countAll(scope, kernel, inputs, count));
    const shape = sizesOf(scope, x), before = sizesOf(scope, x, 0, 1);
    const elements = weightsOf(scope, kernel, binaryOutput ? { shape: [0], dtype } : weights, shape);
    const sums = { kernel, classes: scope.name(x), count, elements, before, dtype, last: binaryOutput, isCount: true };
    scope.define(output, sumByClass(scope, sums));
  },
});

export const countingLowerings = {
  Bincount: bincount,
  DenseBincount: denseBincount,
  UnsortedSegmentSum: unsortedSegmentSum,
} satisfies Record<string, KernelLowering>;
