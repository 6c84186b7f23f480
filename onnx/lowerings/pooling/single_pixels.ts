/**
 * Averages of single pixels, which are the pixels a stride apart, of blocked images: they stay blocked.
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { shapeIn } from "../layouts.ts";
import { pad, slice } from "../move_elements.ts";
import type { Windows } from "../windows/windows.ts";

/** True if an image is blocked, and the strides cut it into equal cells whose first pixels are the windows. */
export function arePixelsOfBlocks(scope: LayoutScope, image: Value, windows: readonly Windows[]): boolean {
  const isFirst = ({ size, count, taps, stride, before, isComputed }: Windows) =>
    taps === 1 && before === 0 && !isComputed && size > 0 && count * stride === size;
  return windows.length === 2 && windows.every(isFirst) && scope.canBlock(image) &&
    scope.preferredLayout([image]) === "blocked";
}

/** Defines `output` as the pixels of an image. */
export function pickPixels(scope: LayoutScope, image: Value, output: Value, windows: readonly Windows[]): void {
  const ranges = windows.map(({ count, stride }, at) => ({
    axis: at + 2,
    begin: 0,
    end: (count - 1) * stride + 1,
    step: stride,
  }));
  scope.define(output, slice(scope, scope.name(image, "blocked"), ranges), "blocked");
}

/** Defines `output` as an image whose pixels are those of `dy`, with zeros between them. */
export function spreadPixels(scope: LayoutScope, dy: Value, output: Value, [rows, columns]: readonly Windows[]): void {
  const [batch, channels, height, width, block] = shapeIn("blocked", dy.shape, scope.block!) as number[];
  const apart = scope.reshape(scope.name(dy, "blocked"), [batch!, channels!, height!, 1, width!, 1, block!]);
  const none = [0, 0] as const;
  const spread = pad(scope, apart, [none, none, none, [0, rows!.stride - 1], none, [0, columns!.stride - 1], none]);
  scope.define(output, scope.reshape(spread, shapeIn("blocked", output.shape, scope.block!)), "blocked");
}
