/**
 * Average pooling and its gradient. As in TensorFlow, padding does not count into an average.
 *
 * @module
 */
import { backend_util } from "@tensorflow/tfjs";
import type { Attributes } from "../graph/graph.ts";
import type { Lowering } from "./lowering.ts";

type Geometry = backend_util.Conv2DInfo;

function geometry(shape: readonly number[], attributes: Attributes): Geometry {
  const { filterSize, strides, pad, dimRoundingMode } = attributes as {
    filterSize: [number, number];
    strides: [number, number];
    pad: "same" | "valid";
    dimRoundingMode?: "floor";
  };
  return backend_util.computePool2DInfo(
    [...shape] as [number, number, number, number],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
}

const window = (
  { filterHeight, filterWidth, strideHeight, strideWidth, padInfo: { top, left, bottom, right } }: Geometry,
) => ({
  kernel_shape: [filterHeight, filterWidth],
  strides: [strideHeight, strideWidth],
  pads: [top, left, bottom, right],
});

/** How many pixels of the image each window covers, [height, width] of the output. */
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

export const poolingLowerings = {
  AvgPool: {
    infer: ({ x }, attributes) => ({ shape: geometry(x!.shape, attributes).outShape, dtype: "float32" }),
    lower({ inputs, attributes, outputs }, scope) {
      const x = inputs["x"]!;
      const info = geometry(x.shape, attributes);
      scope.define(
        outputs[0]!,
        scope.builder.node("AveragePool", [scope.name(x, "channelsFirst")], window(info)),
        "channelsFirst",
      );
    },
  },
  /** Every output's gradient, divided by the pixels it averaged, added to each of them: a transposed convolution. */
  AvgPoolGrad: {
    infer: ({ input }) => input!,
    lower({ inputs, attributes, outputs }, scope) {
      const { builder } = scope;
      const info = geometry(inputs["input"]!.shape, attributes);
      const { inChannels, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info;
      const dy = scope.name(inputs["dy"]!, "channelsFirst");
      const counts = builder.constant(coverage(info), [1, 1, info.outHeight, info.outWidth], "float32");
      const taps = filterHeight * filterWidth;
      const share = taps === 1 ? dy : builder.node("Div", [dy, counts]);
      const ones = builder.constant(
        new Float32Array(inChannels * taps).fill(1),
        [inChannels, 1, filterHeight, filterWidth],
        "float32",
      );
      const spread = builder.node("ConvTranspose", [share, ones], {
        ...window(info),
        group: inChannels,
        output_padding: [
          info.inHeight - ((info.outHeight - 1) * strideHeight + filterHeight - padInfo.top - padInfo.bottom),
          info.inWidth - ((info.outWidth - 1) * strideWidth + filterWidth - padInfo.left - padInfo.right),
        ],
      });
      scope.define(outputs[0]!, spread, "channelsFirst");
    },
  },
} satisfies Record<string, Lowering>;
