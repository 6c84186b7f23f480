/**
 * Kernels that move pixels between the sides, the batch and the channels of images, and that mirror images at their borders.
 *
 * @module
 */
import type {
  BatchToSpaceNDAttrs,
  BatchToSpaceNDInputs,
  DepthToSpaceAttrs,
  DepthToSpaceInputs,
  MirrorPadAttrs,
  MirrorPadInputs,
  SpaceToBatchNDAttrs,
  SpaceToBatchNDInputs,
} from "@tensorflow/tfjs";
import type { Name } from "../file/encode.ts";
import type { Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { concatenate, END, slice } from "./move_elements.ts";
import { asNhwc, fromNhwc, lowerNhwc, toNhwc } from "./windows/channels_first.ts";
import { isUnknown } from "./windows/windows.ts";

const depthToSpace = lowering<DepthToSpaceInputs, DepthToSpaceAttrs>({
  infer({ x }, { blockSize, dataFormat }) {
    const [batch, height, width, channels] = toNhwc(x.shape, dataFormat) as [number, number, number, number];
    const shape = [batch, height * blockSize, width * blockSize, channels / blockSize ** 2];
    return { shape: fromNhwc(shape, dataFormat), dtype: x.dtype };
  },
  lower({ inputs: { x }, attributes: { blockSize, dataFormat }, output }, scope) {
    const image = scope.name(asNhwc(scope, x, dataFormat), "channelsFirst");
    const moved = scope.builder.node("DepthToSpace", [image], { blocksize: blockSize, mode: "DCR" });
    lowerNhwc(scope, output, dataFormat, (result) => scope.define(result, moved, "channelsFirst"));
  },
});

/** A size of a reshaped value: known, or an axis of the value before, multiplied and divided. */
type Size = number | { readonly axis: number; readonly times?: number; readonly over?: number };

/** Scales an axis of a value; the size is a number if it is known. */
function scaled({ shape }: Pick<Value, "shape">, axis: number, times = 1, over = 1): Size {
  const size = shape[axis]!;
  return isUnknown(size) ? { axis, times, over } : size * times / over;
}

/** Reshapes; several sizes may be unknown. */
function reshapeBy(scope: LayoutScope, name: Name, sizes: readonly Size[]): Name {
  const { builder } = scope, unknown = sizes.filter((size) => typeof size !== "number").length;
  if (unknown <= 1) return scope.reshape(name, sizes.map((size) => typeof size === "number" ? size : -1));
  const shape = builder.node("Shape", [name]);
  const computed = sizes.map((size): Name => {
    if (typeof size === "number") return builder.integers([size]);
    const { axis, times = 1, over = 1 } = size;
    const whole = builder.node("Gather", [shape, builder.integers([axis])]);
    const multiplied = times === 1 ? whole : builder.node("Mul", [whole, builder.integers([times])]);
    return over === 1 ? multiplied : builder.node("Div", [multiplied, builder.integers([over])]);
  });
  return builder.node("Reshape", [name, builder.node("Concat", computed, { axis: 0 })]);
}

const product = (numbers: readonly number[]) => numbers.reduce((a, b) => a * b, 1);

/** [batch, sides..., rest...] to [batch * blocks, sides / block..., rest...] */
const spaceToBatch = lowering<SpaceToBatchNDInputs, SpaceToBatchNDAttrs>({
  infer({ x: { shape, dtype } }, { blockShape, paddings }) {
    const sides = blockShape.map((block, side) =>
      (shape[side + 1]! + paddings[side]![0]! + paddings[side]![1]!) / block
    );
    return { shape: [shape[0]! * product(blockShape), ...sides, ...shape.slice(sides.length + 1)], dtype };
  },
  lower({ inputs: { x }, attributes: { blockShape, paddings }, output }, scope) {
    const { builder } = scope, sides = blockShape.length, rank = x.shape.length;
    const after = axesFrom(sides + 1, rank);
    const all = [[0, 0], ...paddings, ...after.map(() => [0, 0])];
    const pads = builder.integers([0, 1].flatMap((end) => all.map((both) => both[end]!)));
    const isPadded = paddings.flat().some((pixels) => pixels !== 0);
    const padded = isPadded ? builder.node("Pad", [scope.name(x), pads, builder.scalar(0, x.dtype)]) : scope.name(x);
    const shape = x.shape.map((size, axis) => isUnknown(size) ? size : size + all[axis]![0]! + all[axis]![1]!);
    const cut = reshapeBy(scope, padded, [
      scaled({ shape }, 0),
      ...blockShape.flatMap((block, side) => [scaled({ shape }, side + 1, 1, block), block]),
      ...after.map((axis) => scaled({ shape }, axis)),
    ]);
    const blocks = blockShape.map((_, side) => 2 * side + 2), places = blockShape.map((_, side) => 2 * side + 1);
    const rest = axesFrom(2 * sides + 1, rank + sides);
    const moved = builder.node("Transpose", [cut], { perm: [...blocks, 0, ...places, ...rest] });
    const movedShape = [...blockShape, shape[0]!, ...output.shape.slice(1)];
    const joined = [
      scaled({ shape: movedShape }, sides, product(blockShape)),
      ...axesFrom(sides + 1, movedShape.length).map((axis) => scaled({ shape: movedShape }, axis)),
    ];
    scope.define(output, reshapeBy(scope, moved, joined));
  },
});

const axesFrom = (first: number, end: number) =>
  Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at);

/** [batch * blocks, sides..., rest...] to [batch, sides * block - crops..., rest...] */
const batchToSpace = lowering<BatchToSpaceNDInputs, BatchToSpaceNDAttrs>({
  infer({ x: { shape, dtype } }, { blockShape, crops }) {
    const sides = blockShape.map((block, side) => shape[side + 1]! * block - crops[side]![0]! - crops[side]![1]!);
    return { shape: [shape[0]! / product(blockShape), ...sides, ...shape.slice(sides.length + 1)], dtype };
  },
  lower({ inputs: { x }, attributes: { blockShape, crops }, output }, scope) {
    const { builder } = scope, sides = blockShape.length, { shape } = x;
    const after = axesFrom(1, shape.length);
    const cut = reshapeBy(scope, scope.name(x), [
      ...blockShape,
      scaled(x, 0, 1, product(blockShape)),
      ...after.map((axis) => scaled(x, axis)),
    ]);
    const pairs = blockShape.flatMap((_, side) => [sides + 1 + side, side]);
    const rest = axesFrom(2 * sides + 1, shape.length + sides);
    const moved = builder.node("Transpose", [cut], { perm: [sides, ...pairs, ...rest] });
    const batch = isUnknown(shape[0]!) ? shape[0]! : shape[0]! / product(blockShape);
    const pairShape = blockShape.flatMap((block, side) => [shape[side + 1]!, block]);
    const movedShape = [batch, ...pairShape, ...shape.slice(sides + 1)];
    const joined = reshapeBy(scope, moved, [
      scaled({ shape: movedShape }, 0),
      ...blockShape.map((block, side) => scaled({ shape: movedShape }, 2 * side + 1, block)),
      ...axesFrom(2 * sides + 1, movedShape.length).map((axis) => scaled({ shape: movedShape }, axis)),
    ]);
    const ranges = crops.map(([before, behind], side) => ({
      axis: side + 1,
      begin: before!,
      end: behind === 0 ? END : -behind!,
    }));
    scope.define(output, slice(scope, joined, ranges.filter(({ begin, end }) => begin !== 0 || end !== END)));
  },
});

/** Repeats the borders in reverse: the border pixel too if `symmetric`, all but it if `reflect`. */
const mirrorPad = lowering<MirrorPadInputs, MirrorPadAttrs>({
  infer: ({ x: { shape, dtype } }, { paddings }) => ({
    shape: shape.map((size, axis) => size + paddings[axis]![0]! + paddings[axis]![1]!),
    dtype,
  }),
  lower({ inputs: { x }, attributes: { paddings, mode }, output }, scope) {
    const skipped = mode === "reflect" ? 1 : 0;
    const padded = paddings.reduce((name, [before, after], axis) => {
      const mirrored = (begin: number, end: number) => slice(scope, name, [{ axis, begin, end, step: -1 }]);
      const parts = [name];
      if (before! > 0) parts.unshift(mirrored(before! - 1 + skipped, skipped === 0 ? -END : 0));
      if (after! > 0) parts.push(mirrored(-1 - skipped, -1 - skipped - after!));
      return concatenate(scope, parts, axis);
    }, scope.name(x));
    scope.define(output, padded);
  },
});

export const spaceLowerings = {
  BatchToSpaceND: batchToSpace,
  DepthToSpace: depthToSpace,
  MirrorPad: mirrorPad,
  SpaceToBatchND: spaceToBatch,
} satisfies Record<string, KernelLowering>;
