import type { LayoutScope } from "../layout_scope.ts";
import type { Name, OnnxAttribute } from "../../file/encode.ts";
import type { Shape4D } from "./geometry.ts";

/**
 * Convolves over the batch: the images of the batch become the channels of a single image, their channels its third side,
 * [1, batch, height, width, in], and dy the filter, [out, batch, height, width, 1]. Each of `parts` equal parts of the batch
 * is a group, with the result [out, taps..., in].
 *
 * @param x [batch, height, width, in]
 * @param dy [batch, out, height, width]
 */
export function convolveOverBatch(
  scope: LayoutScope,
  x: Name,
  [batch, height, width, inputs]: Shape4D,
  dy: Name,
  [, outHeight, outWidth, outputs]: Shape4D,
  parts: number,
  attributes: Readonly<Record<string, OnnxAttribute>>,
): Name {
  const images = batch / parts;
  const perImage = scope.reshape(dy, [parts, images, outputs, outHeight * outWidth]);
  const perChannel = scope.builder.node("Transpose", [perImage], { perm: [0, 2, 1, 3] });
  const operands = [
    scope.reshape(x, [1, batch, height, width, inputs]),
    scope.reshape(perChannel, [parts * outputs, images, outHeight, outWidth, 1]),
  ];
  return scope.builder.node("Conv", operands, { ...attributes, kernel_shape: [outHeight, outWidth, 1], group: parts });
}
