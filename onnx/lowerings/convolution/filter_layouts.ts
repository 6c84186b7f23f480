/**
 * The filters of convolutions, [height, width, in, out] in TensorFlow.js, in the orders that ONNX and onnxruntime read.
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import type { Name } from "../../file/encode.ts";
import type { Shape4D } from "./geometry.ts";
import { slice } from "../move_elements.ts";

/** A filter as Conv2D reads it, or turned by 180 degrees with its channels exchanged. */
export interface Filter {
  readonly value: Value;
  readonly turned: boolean;
}

/** Adds the transpose of a filter to [out, in, height, width]; a constant is transposed here. */
export function outInHeightWidth(scope: LayoutScope, filter: Value): Name {
  const { constant, shape, name } = filter;
  if (!constant) return scope.builder.node("Transpose", [scope.name(filter)], { perm: [3, 2, 0, 1] });
  const [height, width, inputs, outputs] = shape as Shape4D;
  const data = new Float32Array(constant.length);
  for (let at = 0, o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < height * width; tap++) data[at++] = constant[(tap * inputs + i) * outputs + o]!;
    }
  }
  return scope.builder.constant(data, [outputs, inputs, height, width], "float32", name);
}

/** Adds a filter as [out, in, height, width], turned if it must be. */
export const plainFilter = (scope: LayoutScope, { value, turned }: Filter): Name =>
  turned
    ? scope.builder.node("Transpose", [turnedTaps(scope, value)], { perm: [2, 3, 0, 1] })
    : outInHeightWidth(scope, value);

/** Permutations of [height, width, in / block, block, out / block, block], for filters as they are and turned. */
const BLOCKED_ORDERS = {
  plain: { blocked: [4, 2, 0, 1, 3, 5], few: [4, 2, 3, 0, 1, 5] },
  turned: { blocked: [2, 4, 0, 1, 5, 3], few: [2, 4, 5, 0, 1, 3] },
};

/**
 * Adds a filter as [out, in, height, width] in blocks: [out / block, in / block, height, width, block of in, block of out].
 * Inputs of fewer channels than a block are in no block.
 */
export function blockedFilter(scope: LayoutScope, { value, turned }: Filter): Name {
  const inputs = value.shape[turned ? 3 : 2]! < scope.block! ? "few" : "blocked";
  const perm = BLOCKED_ORDERS[turned ? "turned" : "plain"][inputs];
  const taps = turned ? turnedTaps(scope, value) : scope.name(value);
  return inBlocks(scope, taps, value.shape as Shape4D, perm, turned);
}

/** Adds a filter as [height, out / block, in / block, width, block of in, block of out]. */
export function blockedRows(scope: LayoutScope, { value, turned }: Filter): Name {
  const taps = turned ? turnedTaps(scope, value) : scope.name(value);
  return inBlocks(scope, taps, value.shape as Shape4D, turned ? [0, 2, 4, 1, 5, 3] : [0, 4, 2, 1, 3, 5], turned);
}

/** Cuts a filter [height, width, in, out] into [height, width, in / block, block, out / block, block] and permutes that. */
export function inBlocks(
  scope: LayoutScope,
  taps: Name,
  [height, width, inputs, outputs]: Shape4D,
  perm: readonly number[],
  turned: boolean,
): Name {
  const inBlock = Math.min(scope.block!, inputs), outBlock = Math.min(scope.block!, outputs);
  const blocks = scope.reshape(taps, [height, width, inputs / inBlock, inBlock, outputs / outBlock, outBlock]);
  const shape = turned ? [inputs, outputs, height, width] : [outputs, inputs, height, width];
  return scope.reshape(scope.builder.node("Transpose", [blocks], { perm }), shape);
}

/** Adds the filter with its rows and columns reversed. */
export function turnedTaps(scope: LayoutScope, filter: Value): Name {
  const [height, width, inputs, outputs] = filter.shape as Shape4D;
  const taps = scope.reshape(scope.name(filter), [height * width, inputs, outputs]);
  const turned = slice(scope, taps, [{ axis: 0, begin: -1, end: -(2 ** 31), step: -1 }]);
  return scope.reshape(turned, filter.shape);
}
