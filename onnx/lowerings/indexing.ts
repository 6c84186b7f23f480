/**
 * Kernels that read and write the elements that indices name. TensorFlow.js has indices of int32; ONNX counts negative ones
 * from the end, where TensorFlow.js throws.
 *
 * @module
 */
import {
  backend_util,
  type GatherNdInputs,
  type GatherV2Attrs,
  type GatherV2Inputs,
  type ScatterNdAttrs,
  type ScatterNdInputs,
  type SparseToDenseAttrs,
  type SparseToDenseInputs,
  type TensorInfo,
  type TensorScatterUpdateInputs,
  util,
} from "@tensorflow/tfjs";

import { isDynamic, type Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { axisOf } from "./move_elements.ts";
import { requireOpset } from "./requirements.ts";
import { callersOf } from "../trace/tensorflow_kernels.ts";

const toInt64 = ({ builder }: LayoutScope, name: Name): Name => builder.node("Cast", [name], { to: elementType.int64 });

const batchDimsOf = ({ shape }: Value, { batchDims = 0 }: GatherV2Attrs) =>
  batchDims < 0 ? batchDims + shape.length : batchDims;

const gather = lowering<GatherV2Inputs, GatherV2Attrs>({
  infer({ x, indices }, attributes) {
    const axis = axisOf(x, attributes.axis);
    const [values, rows] = [x, indices].map(({ shape, dtype }): TensorInfo => ({
      dataId: {},
      shape: [...shape],
      dtype,
    }));
    const { collectGatherOpShapeInfo } = backend_util.segment_util;
    const { outputShape } = collectGatherOpShapeInfo(values as never, rows as never, axis, attributes.batchDims ?? 0);
    return { shape: outputShape, dtype: x.dtype };
  },
  lower({ inputs: { x, indices }, attributes, output }, scope) {
    const axis = axisOf(x, attributes.axis), batchDims = batchDimsOf(indices, attributes);
    const [values, rows] = [scope.name(x), scope.name(indices)];
    if (batchDims === 0) return scope.define(output, scope.builder.node("Gather", [values, rows], { axis }));
    scope.define(output, gatherInBatches(scope, { values, rows, axis, batchDims, x, indices }));
  },
});

interface BatchedGather {
  readonly values: Name;
  readonly rows: Name;
  readonly axis: number;
  readonly batchDims: number;
  readonly x: Value;
  readonly indices: Value;
}

/** Gathers with indices of their own for every place of the first axes: `GatherND` wants the gathered axis next to these. */
function gatherInBatches(scope: LayoutScope, { values, rows, axis, batchDims, x, indices }: BatchedGather): Name {
  const { builder } = scope, between = axis - batchDims;
  const order = x.shape.map((_, at) => at);
  const toFront = [...order.slice(0, batchDims), axis, ...order.slice(batchDims, axis), ...order.slice(axis + 1)];
  const front = between === 0 ? values : builder.node("Transpose", [values], { perm: toFront });
  const lists = builder.node("Unsqueeze", [toInt64(scope, rows), builder.integers([-1])]);
  const gathered = builder.node("GatherND", [front, lists], { batch_dims: batchDims });
  if (between === 0) return gathered;
  // From [batch, indices, between, rest] to [batch, between, indices, rest].
  const chosen = indices.shape.length - batchDims;
  const places = Array.from({ length: x.shape.length - 1 + chosen }, (_, at) => at);
  const moved = places.slice(batchDims + chosen, batchDims + chosen + between);
  const perm = [
    ...places.slice(0, batchDims),
    ...moved,
    ...places.slice(batchDims, batchDims + chosen),
    ...places.slice(batchDims + chosen + between),
  ];
  return builder.node("Transpose", [gathered], { perm });
}

const gatherNd = lowering<GatherNdInputs>({
  infer({ params, indices }) {
    const depth = indices.shape.at(-1)!;
    return { shape: [...indices.shape.slice(0, -1), ...params.shape.slice(depth)], dtype: params.dtype };
  },
  lower({ inputs: { params, indices }, output }, scope) {
    if (!(indices.shape.at(-1)! > 0)) {
      throw new TraceError(
        `tf.gatherND with indices of shape [${indices.shape}]; the last size must be known and above 0`,
      );
    }
    const rows = toInt64(scope, scope.name(indices));
    scope.define(output, scope.builder.node("GatherND", [scope.name(params), rows]));
  },
});

/** Writes updates to places of a value, given as [places, rest] with the indexed axes joined. */
interface Scatter {
  /** The shape of the whole result. */
  readonly shape: readonly number[];
  readonly indices: Value;
  readonly updates: Name;
  /** The value to write to, of the shape of the result. */
  readonly to: Name;
  readonly add?: boolean;
}

/**
 * Adds nodes that write in the order of the indices, so that of two writes to one place the later one counts. `ScatterND`
 * leaves the order open.
 */
function scatter(scope: LayoutScope, { shape, indices, updates, to, add = false }: Scatter): Name {
  if (shape.includes(0)) return to;
  const { builder } = scope, depth = indices.shape.length > 1 ? indices.shape.at(-1)! : 1;
  const inner = util.sizeFromShape(shape.slice(depth)), places = util.sizeFromShape(shape.slice(0, depth));
  const rows = builder.node("Expand", [
    flatIndices(scope, indices, shape.slice(0, depth)),
    builder.integers([1, inner]),
  ]);
  const parts = [builder.node("Reshape", [to, builder.integers([places, inner])]), rows];
  const values = builder.node("Reshape", [updates, builder.integers([-1, inner])]);
  const written = builder.node(
    "ScatterElements",
    [...parts, values],
    add ? { axis: 0, reduction: "add" } : { axis: 0 },
  );
  return builder.node("Reshape", [written, builder.integers(shape)]);
}

/** Numbers the places that lists of indices name, as a column. */
function flatIndices(scope: LayoutScope, indices: Value, sizes: readonly number[]): Name {
  const { builder } = scope, depth = sizes.length;
  const strides = sizes.map((_, axis) => util.sizeFromShape(sizes.slice(axis + 1)));
  const lists = builder.node("Reshape", [toInt64(scope, scope.name(indices)), builder.integers([-1, depth])]);
  if (depth === 1) return lists;
  return builder.node("ReduceSum", [builder.node("Mul", [lists, builder.integers(strides)]), builder.integers([1])]);
}

const scatterNd = lowering<ScatterNdInputs, ScatterNdAttrs>({
  infer: ({ updates }, { shape }) => ({ shape, dtype: updates.dtype }),
  lower({ name, inputs: { indices, updates }, attributes: { shape }, output }, scope) {
    requireOpset(scope, name, 16);
    if (updates.dtype === "bool") {
      throw new TraceError("tf.scatterND adds bools to numbers other than 0 and 1; cast the updates to int32");
    }
    const to = scope.builder.node("Expand", [scope.builder.scalar(0, updates.dtype), scope.builder.integers(shape)]);
    scope.define(output, scatter(scope, { shape, indices, updates: scope.name(updates), to, add: true }));
  },
});

const tensorScatterUpdate = lowering<TensorScatterUpdateInputs>({
  infer: ({ tensor }) => tensor,
  lower({ name, inputs: { tensor, indices, updates }, output }, scope) {
    requireKnown(name, tensor);
    const to = scope.name(tensor);
    scope.define(output, scatter(scope, { shape: tensor.shape, indices, updates: scope.name(updates), to }));
  },
});

function requireKnown(kernel: string, { shape }: Value): void {
  if (!shape.some(isDynamic)) return;
  throw new TraceError(`${callersOf(kernel)} writes to a tensor whose size is unknown; fix the dimension`);
}

const sparseToDense = lowering<SparseToDenseInputs, SparseToDenseAttrs>({
  infer: ({ sparseValues }, { outputShape }) => ({ shape: outputShape, dtype: sparseValues.dtype }),
  lower({ inputs: { sparseIndices, sparseValues, defaultValue }, attributes: { outputShape }, output }, scope) {
    const { builder } = scope;
    const to = builder.node("Expand", [scope.name(defaultValue), builder.integers(outputShape)]);
    const depth = sparseIndices.shape.length > 1 ? sparseIndices.shape[1]! : 1;
    const rows = builder.node("Reshape", [scope.name(sparseIndices), builder.integers([-1, depth])]);
    const count = builder.node("Slice", [
      builder.node("Shape", [rows]),
      ...[0, 1].map((at) => builder.integers([at])),
    ]);
    const updates = sparseValues.shape.length === 0
      ? builder.node("Expand", [scope.name(sparseValues), count])
      : scope.name(sparseValues);
    scope.define(output, scatter(scope, { shape: outputShape, indices: sparseIndices, updates, to }));
  },
});

export const indexingLowerings = {
  GatherNd: gatherNd,
  GatherV2: gather,
  ScatterNd: scatterNd,
  SparseToDense: sparseToDense,
  TensorScatterUpdate: tensorScatterUpdate,
} satisfies Record<string, KernelLowering>;
