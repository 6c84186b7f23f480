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
import { isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { concatenate, END, slice } from "./move_elements.ts";
import { zeroUnless } from "./runtime_check.ts";
import type { Size } from "./size_names.ts";
import { asNhwc, fromNhwc, lowerNhwc, toNhwc } from "./windows/channels_first.ts";

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

/** Reshapes; several sizes may be unknown. */
const reshapeBy = ({ builder, sizes }: LayoutScope, name: Name, shape: readonly Size[]): Name =>
  builder.node("Reshape", [name, sizes.list(shape)]);

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
    const { builder, sizes } = scope, sides = blockShape.length, rank = x.shape.length;
    const after = axesFrom(sides + 1, rank);
    const all = [[0, 0], ...paddings, ...after.map(() => [0, 0])];
    const pads = builder.integers([0, 1].flatMap((end) => all.map((both) => both[end]!)));
    const isPadded = paddings.flat().some((pixels) => pixels !== 0);
    const padded = isPadded ? builder.node("Pad", [scope.name(x), pads, builder.scalar(0, x.dtype)]) : scope.name(x);
    const batch = sizes.of(x.shape[0]!), rest = after.map((axis) => sizes.of(x.shape[axis]!));
    const cells = blockShape.map((_, side) => sizes.of(output.shape[side + 1]!));
    const cut = reshapeBy(scope, padded, [
      batch,
      ...blockShape.flatMap((block, side) => [cells[side]!, block]),
      ...rest,
    ]);
    const blocks = blockShape.map((_, side) => 2 * side + 2), places = blockShape.map((_, side) => 2 * side + 1);
    const perm = [...blocks, 0, ...places, ...axesFrom(2 * sides + 1, rank + sides)];
    const moved = builder.node("Transpose", [cut], { perm });
    scope.define(output, reshapeBy(scope, moved, [sizes.multiply(batch, product(blockShape)), ...cells, ...rest]));
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
    const { builder, sizes } = scope, sides = blockShape.length, { shape } = x;
    const batch = sizes.divide(sizes.of(shape[0]!), product(blockShape));
    const cells = blockShape.map((_, side) => sizes.of(shape[side + 1]!));
    const rest = axesFrom(sides + 1, shape.length).map((axis) => sizes.of(shape[axis]!));
    const cut = reshapeBy(scope, scope.name(x), [...blockShape, batch, ...cells, ...rest]);
    const pairs = blockShape.flatMap((_, side) => [sides + 1 + side, side]);
    const perm = [sides, ...pairs, ...axesFrom(2 * sides + 1, shape.length + sides)];
    const moved = builder.node("Transpose", [cut], { perm });
    const joined = reshapeBy(scope, moved, [
      batch,
      ...blockShape.map((block, side) => sizes.multiply(cells[side]!, block)),
      ...rest,
    ]);
    const ranges = crops.map(([before, behind], side) => ({
      axis: side + 1,
      begin: before!,
      end: behind === 0 ? END : -behind!,
    }));
    scope.define(output, slice(scope, joined, ranges.filter(({ begin, end }) => begin !== 0 || end !== END)));
  },
});

/** Refuses, when the model runs, an axis of fewer elements than are mirrored; ONNX would mirror those that are there. */
function zeroUnlessMirrored({ builder, sizes }: LayoutScope, { shape }: Value, axis: number, least: number): Size {
  if (!isDynamic(shape[axis]!)) return 0;
  const missing = sizes.list([sizes.larger(sizes.subtract(least, sizes.of(shape[axis]!)), 0)]);
  return zeroUnless(builder, missing, `padding_must_not_exceed_dimension_${axis}`);
}

/** Repeats the borders in reverse: the border pixel too if `symmetric`, all but it if `reflect`. */
const mirrorPad = lowering<MirrorPadInputs, MirrorPadAttrs>({
  infer: ({ x: { shape, dtype } }, { paddings }) => ({
    shape: shape.map((size, axis) => size + paddings[axis]![0]! + paddings[axis]![1]!),
    dtype,
  }),
  lower({ inputs: { x }, attributes: { paddings, mode }, output }, scope) {
    const skipped = mode === "reflect" ? 1 : 0;
    const padded = paddings.reduce((name, [before, after], axis) => {
      if (before === 0 && after === 0) return name;
      const none = zeroUnlessMirrored(scope, x, axis, Math.max(before!, after!) + skipped);
      const mirrored = (begin: number, end: number) =>
        slice(scope, name, [{ axis, begin: scope.sizes.add(begin, none), end, step: -1 }]);
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
