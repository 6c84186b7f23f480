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
import { BLOCKED, type Lowering, type Scope } from "../lowering.ts";
import type { Name } from "../model_builder.ts";
import { TraceError } from "../trace_error.ts";
import { transposed } from "./linear_algebra.ts";
import { concatenate, pad, slice } from "./movement.ts";
import { reduce } from "./reduction.ts";

const FLOAT_BYTES = 4;

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

/**
 * Adds a convolution of a channels-first image.
 *
 * onnxruntime's fast convolution kernels work on images of [batch, channels / block, height, width, block]. It uses them
 * by itself only for filters that are constants, but its operators can be named: the filter is brought into their order
 * in the graph, [out / block, in / block, height, width, block of in, block of out].
 */
function convolve(
  scope: Scope,
  x: Name,
  filter: Name,
  [outputs, inputs, height, width]: Shape4D,
  window: Window,
): Name {
  const { builder, block } = scope;
  const attributes = { ...window, kernel_shape: [height, width] };
  if (block === undefined || inputs % block !== 0 || outputs % block !== 0) {
    return builder.node("Conv", [x, filter], attributes);
  }
  const blocks = scope.reshape(filter, [outputs / block, block, inputs / block, block, height, width]);
  const ordered = builder.node("Transpose", [blocks], { perm: [0, 2, 4, 5, 3, 1] });
  const operands = [
    builder.node("ReorderInput", [x], {}, BLOCKED),
    scope.reshape(ordered, [outputs, inputs, height, width]),
  ];
  return builder.node(
    "ReorderOutput",
    [builder.node("Conv", operands, attributes, BLOCKED)],
    { channels: outputs },
    BLOCKED,
  );
}

type Window = Readonly<Record<"strides" | "dilations" | "pads", readonly number[]>>;

const conv2d: Lowering = {
  infer: ({ x, filter }, attributes) => ({
    shape: geometry("Conv2D", x!.shape, filter!.shape, attributes).outShape,
    dtype: "float32",
  }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, filter = inputs["filter"]!;
    const info = geometry(name, x.shape, filter.shape, attributes);
    const shape: Shape4D = [info.outChannels, info.inChannels, info.filterHeight, info.filterWidth];
    const result = convolve(scope, scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter), shape, {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: pads(info),
    });
    scope.define(outputs[0]!, result, "channelsFirst");
  },
};

/** What {@linkcode groupConvolutions} makes; TensorFlow.js has no such kernel. */
const groupedConv2d: Lowering = {
  infer: ({ x, filter }, attributes) => {
    const [height, width, perGroup, out] = filter!.shape as Shape4D;
    const part = x!.shape.with(3, perGroup),
      filters = [height, width, perGroup, out / (attributes["groups"] as number)];
    return { shape: geometry("GroupedConv2D", part, filters, attributes).outShape.with(3, out), dtype: "float32" };
  },
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, filter = inputs["filter"]!;
    const info = geometry(name, x.shape.with(3, filter.shape[2]!), filter.shape, attributes);
    const operands = [scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter)];
    const result = scope.builder.node("Conv", operands, {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: pads(info),
      group: attributes["groups"] as number,
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
  return convolve(scope, dy, swapped, [inChannels, outChannels, height, width], {
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
    const image = scope.name(x, "channelsFirst"), dy = scope.name(kernel.inputs["dy"]!, "channelsFirst");
    const shifts = info.strideHeight === 1 && info.strideWidth === 1 && info.filterHeight * info.filterWidth > 1;
    const parts = shifts
      ? chunks(info, scope.chunkBytes).map((images) => correlateShifted(scope, image, dy, info, images))
      : [correlatePatches(scope, image, dy, info)];
    scope.define(kernel.outputs[0]!, parts.reduce((a, b) => scope.builder.node("Add", [a, b])));
  },
};

/** Images `begin` to `end` of a batch. */
interface Images {
  readonly begin: number;
  readonly end: number;
}

/** Parts of the batch whose unfolded copies take about `bytes` each, so that they stay in the cache. */
function chunks({ batchSize, filterWidth, inChannels, inHeight, inWidth }: Geometry, bytes: number): Images[] {
  const count = Math.ceil(batchSize * filterWidth * inChannels * inHeight * inWidth * FLOAT_BYTES / bytes);
  const size = Math.ceil(batchSize / Math.min(batchSize, count));
  return range(Math.ceil(batchSize / size)).map((at) => ({
    begin: at * size,
    end: Math.min(batchSize, (at + 1) * size),
  }));
}

/**
 * The filter gradient as one product per image. With the padded image flattened, p = r width + w, and dy padded to its
 * width,
 *
 *     df[k, l, i, o] = sum over p of x[i, p + l] * dy[o, p - k width]
 *
 * so x is unfolded over the filter's columns and dy over its rows: 3 + 3 copies for a 3x3 filter where unfolding x alone
 * makes 9, and a product whose sides are 3 in and 3 out rather than 9 in and out.
 *
 * A sequence repeated with period n and cut into rows of n + s is the sequence shifted by s more from row to row. So one
 * concatenation of whole images, which copies long runs, does all shifts: rows of length = height width + 1 shift x, of
 * period length - 1, by 1, and dy, of period length + width, by -width. Where x runs into its next copy dy is zero.
 */
function correlateShifted(scope: Scope, x: Name, dy: Name, info: Geometry, { begin, end }: Images): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, inWidth, outHeight, outWidth, padInfo } = info;
  const { top, bottom, left: before, right: after } = padInfo;
  const images = end - begin;
  // Padding by less than nothing cuts the images out.
  const cut: [number, number] = [-begin, end - info.batchSize];
  // The padding before a row is the padding after the row above, where it is wide enough.
  const sides: [number, number] = [before, after <= before ? 0 : after];
  const width = sides[0] + inWidth + sides[1], length = (outHeight + filterHeight - 1) * width + 1;
  const padded = pad(scope, x, [cut, [0, 0], [top, bottom], sides]);
  const flat = scope.reshape(padded, [images, inChannels, length - 1]);
  const columns = concatenate(scope, [
    ...Array(filterWidth).fill(flat),
    zeros(scope, [images, inChannels, filterWidth]),
  ], 2);

  const wide = pad(scope, dy, [cut, [0, 0], [0, 0], [0, width - outWidth]]);
  const flatDy = scope.reshape(wide, [images, outChannels, outHeight * width]);
  const gap = zeros(scope, [images, outChannels, length + width - outHeight * width]);
  const repeated = Array(filterHeight - 1).fill([flatDy, gap]).flat();
  const rows = concatenate(scope, [...repeated, flatDy, zeros(scope, [images, outChannels, 1])], 2);

  const left = scope.reshape(columns, [images, inChannels * filterWidth, length]);
  const right = scope.reshape(rows, [images, outChannels * filterHeight, length]);
  const taps = scope.reshape(productOverImages(scope, left, right), [
    inChannels,
    filterWidth,
    outChannels,
    filterHeight,
  ]);
  return scope.builder.node("Transpose", [taps], { perm: [3, 1, 0, 2] });
}

/** The filter gradient as one product per image of its patches, [taps * in, places], with dy, [out, places]. */
function correlatePatches(scope: Scope, x: Name, dy: Name, info: Geometry): Name {
  const { filterHeight, filterWidth, inChannels, outChannels, outHeight, outWidth, batchSize, padInfo } = info;
  const padded = pad(scope, x, [[0, 0], [0, 0], [padInfo.top, padInfo.bottom], [padInfo.left, padInfo.right]]);
  const along = (axis: number, tap: number, out: number, stride: number) => ({
    axis,
    begin: tap,
    end: tap + (out - 1) * stride + 1,
    step: stride,
  });
  const patches = range(filterHeight).flatMap((k) =>
    range(filterWidth).map((l) =>
      slice(scope, padded, [along(2, k, outHeight, info.strideHeight), along(3, l, outWidth, info.strideWidth)])
    )
  );
  const places = outHeight * outWidth;
  const left = scope.reshape(concatenate(scope, patches, 1), [batchSize, patches.length * inChannels, places]);
  const right = scope.reshape(dy, [batchSize, outChannels, places]);
  return scope.reshape(productOverImages(scope, left, right), [filterHeight, filterWidth, inChannels, outChannels]);
}

/** The sum over the images of left * right^T, for [batch, m, k] and [batch, n, k]. */
const productOverImages = (scope: Scope, left: Name, right: Name): Name =>
  reduce(scope, "ReduceSum", scope.builder.node("MatMul", [left, transposed(scope, right, 3)]), [0], false);

const zeros = ({ builder }: Scope, shape: readonly number[]): Name =>
  builder.node("Expand", [builder.scalar(0), builder.integers(shape)]);

const range = (length: number) => Array.from({ length }, (_, at) => at);

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  GroupedConv2D: groupedConv2d,
} satisfies Record<string, Lowering>;
