/**
 * Average pooling and its gradient. As in TensorFlow, padding does not count into an average.
 *
 * @module
 */
import {
  type AvgPoolAttrs,
  type AvgPoolGradAttrs,
  type AvgPoolGradInputs,
  type AvgPoolInputs,
  backend_util,
} from "@tensorflow/tfjs";
import { type Geometry, pads, requireFloor, type Shape4D } from "./convolution/geometry.ts";
import { type KernelLowering, lowering } from "./lowering.ts";

function geometry(kernel: string, shape: readonly number[], attributes: AvgPoolAttrs): Geometry {
  const { filterSize, strides, pad, dimRoundingMode } = attributes;
  requireFloor(kernel, dimRoundingMode);
  return backend_util.computePool2DInfo([...shape] as Shape4D, filterSize, strides, 1, pad, dimRoundingMode);
}

const window = (info: Geometry) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  pads: pads(info),
});

/** Counts the pixels of the image that each window covers, [height, width] of the output. */
function coverage(info: Geometry): Float32Array {
  const along = (out: number, stride: number, before: number, taps: number, size: number) =>
    Array.from({ length: out }, (_, at) => {
      const begin = at * stride - before;
      return Math.min(begin + taps, size) - Math.max(begin, 0);
    });
  const rows = along(info.outHeight, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight);
  const columns = along(info.outWidth, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth);
  return Float32Array.from(rows.flatMap((height) => columns.map((width) => height * width)));
}

const avgPool = lowering<AvgPoolInputs, AvgPoolAttrs>({
  infer: ({ x }, attributes) => ({ shape: geometry("AvgPool", x.shape, attributes).outShape, dtype: "float32" }),
  lower({ name, inputs: { x }, attributes, output }, scope) {
    const image = scope.name(x, "channelsFirst");
    const averages = scope.builder.node("AveragePool", [image], window(geometry(name, x.shape, attributes)));
    scope.define(output, averages, "channelsFirst");
  },
});

/** Divides each output's gradient by the pixels averaged, and adds it to each of them: a transposed convolution. */
const avgPoolGrad = lowering<AvgPoolGradInputs, AvgPoolGradAttrs>({
  infer: ({ input }) => input,
  lower({ name, inputs: { input, dy }, attributes, output }, scope) {
    const { builder } = scope;
    const info = geometry(name, input.shape, attributes);
    const { inChannels, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
    const gradient = scope.name(dy, "channelsFirst");
    const counts = builder.constant(coverage(info), [1, 1, info.outHeight, info.outWidth], "float32");
    const taps = filterHeight * filterWidth;
    const share = taps === 1 ? gradient : builder.node("Div", [gradient, counts]);
    const filter = new Float32Array(inChannels * taps).fill(1);
    const ones = builder.constant(filter, [inChannels, 1, filterHeight, filterWidth], "float32");
    const spread = builder.node("ConvTranspose", [share, ones], {
      ...window(info),
      group: inChannels,
      output_padding: [
        info.inHeight - ((info.outHeight - 1) * strideHeight + filterHeight - padInfo.top - padInfo.bottom),
        info.inWidth - ((info.outWidth - 1) * strideWidth + filterWidth - padInfo.left - padInfo.right),
      ],
    });
    scope.define(output, spread, "channelsFirst");
  },
});

export const poolingLowerings = {
  AvgPool: avgPool,
  AvgPoolGrad: avgPoolGrad,
} satisfies Record<string, KernelLowering>;
