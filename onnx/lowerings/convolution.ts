/**
 * Convolutions and their two gradients.
 *
 *     forward          y[o, h, w]      = sum over i, k, l of x[i, h s + k, w s + l] * f[k, l, i, o]
 *     input gradient   dx[i, h, w]     = the transposed convolution of dy; for stride 1 a convolution of dy with the
 *                                        filter turned by 180 degrees and its channels exchanged
 *     filter gradient  df[k, l, i, o]  = sum over n, h, w of x[n, i, h s + k, w s + l] * dy[n, o, h, w]
 *
 * (x padded; one image in the first two). TensorFlow.js's filters are [height, width, in, out], ONNX's [out, in, height,
 * width].
 *
 * @module
 */
import { backend_util } from "@tensorflow/tfjs";
import type { Attributes, Kernel, Value } from "../graph.ts";
import type { Lowering, Scope } from "../lowering.ts";
import type { Name } from "../model_builder.ts";
import { TraceError } from "../trace_error.ts";
import { transposed } from "./linear_algebra.ts";
import { concatenate, pad, slice } from "./movement.ts";
import { reduce } from "./reduction.ts";

type Shape4D = [number, number, number, number];
type Geometry = backend_util.Conv2DInfo;

function geometry(name: string, input: readonly number[], filter: readonly number[], attributes: Attributes): Geometry {
  const { strides, pad, dimRoundingMode, dilations = 1, dataFormat = "NHWC" } = attributes as {
    strides: [number, number];
    pad: "same" | "valid" | number;
    dimRoundingMode?: "floor";
    dilations?: [number, number];
    dataFormat?: string;
  };
  if (dataFormat !== "NHWC") {
    throw new TraceError(`kernel ${name} of data format ${dataFormat} has no lowering; NHWC has`);
  }
  return backend_util.computeConv2DInfo(
    [...input] as Shape4D,
    [...filter] as Shape4D,
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
}

/** ONNX's order: top, left, bottom, right. */
const pads = ({ padInfo: { top, left, bottom, right } }: Geometry) => [top, left, bottom, right];

/** The filter as [out, in, height, width]. */
function outInHeightWidth(scope: Scope, filter: Value): Name {
  const { constant, shape } = filter;
  if (!constant) return scope.builder.node("Transpose", [scope.name(filter)], { perm: [3, 2, 0, 1] });
  const [height, width, inputs, outputs] = shape as Shape4D;
  const data = new Float32Array(constant.length);
  for (let at = 0, o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < height * width; tap++) data[at++] = constant[(tap * inputs + i) * outputs + o]!;
    }
  }
  return scope.builder.constant(data, [outputs, inputs, height, width], "float32");
}

const conv2d: Lowering = {
  infer: ({ x, filter }, attributes) => ({
    shape: geometry("Conv2D", x!.shape, filter!.shape, attributes).outShape,
    dtype: "float32",
  }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, filter = inputs["filter"]!;
    const info = geometry(name, x.shape, filter.shape, attributes);
    const result = scope.builder.node("Conv", [scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter)], {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: pads(info),
    });
    scope.define(outputs[0]!, result, "channelsFirst");
  },
};

const conv2dBackpropInput: Lowering = {
  infer: (_, { inputShape }) => ({ shape: inputShape as number[], dtype: "float32" }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const filter = inputs["filter"]!;
    const info = geometry(name, attributes["inputShape"] as number[], filter.shape, attributes);
    const dy = scope.name(inputs["dy"]!, "channelsFirst");
    const emit = info.strideHeight === 1 && info.strideWidth === 1 ? convolveTurned : convolveTransposed;
    scope.define(outputs[0]!, emit(scope, dy, filter, info), "channelsFirst");
  },
};

function convolveTurned(scope: Scope, dy: Name, filter: Value, info: Geometry): Name {
  const { builder } = scope;
  const { filterHeight: height, filterWidth: width, inChannels, outChannels } = info;
  const taps = scope.reshape(scope.name(filter), [height * width, inChannels, outChannels]);
  const turned = slice(scope, taps, [{ axis: 0, begin: -1, end: -(2 ** 31), step: -1 }]);
  const swapped = builder.node("Transpose", [scope.reshape(turned, filter.shape)], { perm: [2, 3, 0, 1] });
  const { top, left, bottom, right } = info.padInfo;
  return builder.node("Conv", [dy, swapped], {
    kernel_shape: [height, width],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right],
  });
}

function convolveTransposed(scope: Scope, dy: Name, filter: Value, info: Geometry): Name {
  const { top, left, bottom, right } = info.padInfo;
  const missing = (size: number, out: number, stride: number, taps: number, padding: number) =>
    size - ((out - 1) * stride + taps - padding);
  return scope.builder.node("ConvTranspose", [dy, outInHeightWidth(scope, filter)], {
    kernel_shape: [info.filterHeight, info.filterWidth],
    strides: [info.strideHeight, info.strideWidth],
    pads: pads(info),
    output_padding: [
      missing(info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, top + bottom),
      missing(info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, left + right),
    ],
  });
}

const conv2dBackpropFilter: Lowering = {
  infer: (_, { filterShape }) => ({ shape: filterShape as number[], dtype: "float32" }),
  lower(kernel: Kernel, scope) {
    const x = kernel.inputs["x"]!;
    const info = geometry(kernel.name, x.shape, kernel.attributes["filterShape"] as number[], kernel.attributes);
    const { top, left, bottom, right } = info.padInfo;
    const padded = pad(scope, scope.name(x, "channelsFirst"), [[0, 0], [0, 0], [top, bottom], [left, right]]);
    const dy = scope.name(kernel.inputs["dy"]!, "channelsFirst");
    const emit = info.strideHeight === 1 ? correlateRows : correlatePatches;
    scope.define(kernel.outputs[0]!, emit(scope, padded, dy, info));
  },
};

/**
 * The filter gradient as one product per image, x unfolded over the filter's columns and dy over its rows:
 *
 *     df[k, l, i, o] = sum over r, w of x[i, r, w + l] * dy[o, r - k, w]
 *
 * Both together are 3 + 3 copies for a 3x3 filter where unfolding x alone makes 9, and the product's sides are 3 in and
 * 3 out instead of 9 in and out, which suits the matrix kernels better.
 */
function correlateRows(scope: Scope, x: Name, dy: Name, info: Geometry): Name {
  const { builder } = scope;
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize } = info;
  const rows = outHeight + filterHeight - 1;
  const columns = range(filterWidth).map((l) =>
    filterWidth === 1 && info.strideWidth === 1
      ? x
      : slice(scope, x, [{ axis: 3, begin: l, end: l + (outWidth - 1) * info.strideWidth + 1, step: info.strideWidth }])
  );
  const shifted = range(filterHeight).map((k) => pad(scope, dy, [[0, 0], [0, 0], [k, filterHeight - 1 - k], [0, 0]]));
  const left = scope.reshape(concatenate(scope, columns, 1), [batchSize, filterWidth * inChannels, rows * outWidth]);
  const right = scope.reshape(concatenate(scope, shifted, 1), [batchSize, filterHeight * outChannels, rows * outWidth]);
  const product = builder.node("MatMul", [left, transposed(scope, right, 3)]);
  const sum = reduce(scope, "ReduceSum", product, [0], false);
  const taps = scope.reshape(sum, [filterWidth, inChannels, filterHeight, outChannels]);
  return builder.node("Transpose", [taps], { perm: [2, 0, 1, 3] });
}

/** The filter gradient as one product per image of its patches, [taps * in, places], with dy, [out, places]. */
function correlatePatches(scope: Scope, x: Name, dy: Name, info: Geometry): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize } = info;
  const along = (axis: number, tap: number, out: number, stride: number) => ({
    axis,
    begin: tap,
    end: tap + (out - 1) * stride + 1,
    step: stride,
  });
  const patches = range(filterHeight).flatMap((k) =>
    range(filterWidth).map((l) =>
      slice(scope, x, [along(2, k, outHeight, info.strideHeight), along(3, l, outWidth, info.strideWidth)])
    )
  );
  const places = outHeight * outWidth;
  const left = scope.reshape(concatenate(scope, patches, 1), [batchSize, patches.length * inChannels, places]);
  const right = scope.reshape(dy, [batchSize, outChannels, places]);
  const product = scope.builder.node("MatMul", [left, transposed(scope, right, 3)]);
  const sum = reduce(scope, "ReduceSum", product, [0], false);
  return scope.reshape(sum, [filterHeight, filterWidth, inChannels, outChannels]);
}

const range = (length: number) => Array.from({ length }, (_, at) => at);

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
} satisfies Record<string, Lowering>;
