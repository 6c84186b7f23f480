/**
 * Images of any number of sides as ONNX reads them, [batch, channels, sides...], and in the data format of TensorFlow.js's
 * attribute.
 *
 * @module
 */
import type { Value } from "../../graph/graph.ts";
import type { Name } from "../../file/encode.ts";
import type { LayoutScope } from "../layout_scope.ts";

/** The name of an image [batch, sides..., channels] with its channels first. */
export function channelsFirst(scope: LayoutScope, image: Value): Name {
  if (image.shape.length === 4) return scope.name(image, "channelsFirst");
  return scope.builder.node("Transpose", [scope.name(image)], { perm: [0, 4, 1, 2, 3] });
}

/** Defines an image [batch, sides..., channels] by its name with its channels first. */
export function defineChannelsFirst(scope: LayoutScope, image: Value, name: Name): void {
  if (image.shape.length === 4) return scope.define(image, name, "channelsFirst");
  scope.define(image, scope.builder.node("Transpose", [name], { perm: [0, 2, 3, 4, 1] }));
}

/** The data format of a kernel's images; the default is NHWC. */
export type DataFormat = string | undefined;

const isNchw = (format: DataFormat) => format === "NCHW";

/** Permutes what stands for each axis of an image in a data format to [batch, height, width, channels]. */
export function toNhwc<T>(perAxis: readonly T[], format: DataFormat): readonly T[] {
  const [batch, channels, height, width] = perAxis as [T, T, T, T];
  return isNchw(format) ? [batch, height, width, channels] : perAxis;
}

/** Permutes what stands for each axis of [batch, height, width, channels] to a data format. */
export function fromNhwc<T>(perAxis: readonly T[], format: DataFormat): readonly T[] {
  const [batch, height, width, channels] = perAxis as [T, T, T, T];
  return isNchw(format) ? [batch, channels, height, width] : perAxis;
}

/** The image as [batch, height, width, channels]. One of format NCHW exists with its channels first, so nothing moves. */
export function asNhwc(scope: LayoutScope, image: Value, format: DataFormat): Value {
  if (!isNchw(format)) return image;
  const value: Value = { shape: toNhwc(image.shape, format), dtype: image.dtype };
  scope.define(value, scope.name(image), "channelsFirst");
  return value;
}

/** Runs `lower` on an image [batch, height, width, channels] that stands for `output`, and defines `output` by it. */
export function lowerNhwc(scope: LayoutScope, output: Value, format: DataFormat, lower: (image: Value) => void): void {
  if (!isNchw(format)) return lower(output);
  const image: Value = { shape: toNhwc(output.shape, format), dtype: output.dtype };
  lower(image);
  scope.define(output, scope.name(image, "channelsFirst"));
}
