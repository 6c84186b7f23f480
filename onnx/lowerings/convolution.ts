/**
 * Convolutions and the gradient of what they read.
 *
 *     forward          y[o, h, w]      = sum over i, k, l of x[i, h s + k, w s + l] * f[k, l, i, o]
 *     input gradient   dx[i, h, w]     = the transposed convolution of dy; for stride 1 a convolution of dy with the
 *                                        filter turned by 180 degrees and its channels exchanged
 *
 * (x padded; one image). TensorFlow.js's filters are [height, width, in, out], ONNX's [out, in, height, width].
 *
 * @module
 */
import type { Value } from "../graph.ts";
import { shapeIn } from "../forms.ts";
import { BLOCKED, type Lowering, type Scope } from "../lowering.ts";
import type { Name } from "../model_builder.ts";
import { type Geometry, geometry, type Shape4D } from "./convolution_geometry.ts";
import { conv2dBackpropFilter } from "./filter_gradient.ts";
import { interleaveColumns, interleaveRows } from "./interleave.ts";
import { slice } from "./movement.ts";
import { convolveRows, suitsWinograd } from "./winograd.ts";

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

/** A filter as Conv2D has it, or turned by 180 degrees with its channels exchanged. */
interface Filter {
  readonly value: Value;
  readonly turned: boolean;
}

type Window = Readonly<Record<"strides" | "dilations" | "pads", readonly number[]>>;

/**
 * Adds a convolution of `x` and defines `y` as its result.
 *
 * onnxruntime's fast kernels work on blocked images. It uses them by itself only for filters that are constants, but its
 * operators can be named: the filter is brought into their order in the graph. An image of less channels than a block is
 * read channels-first.
 */
function convolve(scope: Scope, x: Value, filter: Filter, y: Value, window: Window, info: Geometry): void {
  const { builder, block } = scope;
  const [height, width] = filter.value.shape as Shape4D;
  const attributes = { ...window, kernel_shape: [height, width] };
  const few = block !== undefined && x.shape[3]! < block;
  if (!scope.canBlock(y) || !(few || scope.canBlock(x))) {
    const operands = [scope.name(x, "channelsFirst"), plainFilter(scope, filter)];
    return scope.define(y, builder.node("Conv", operands, attributes), "channelsFirst");
  }
  const shape = shapeIn("channelsFirst", x.shape, block!) as Shape4D;
  const image = few ? scope.name(x, "channelsFirst") : scope.reshape(scope.name(x, "blocked"), shape);
  const result = !few && suitsWinograd(info)
    ? convolveRows(scope, image, shape, blockedRows(scope, filter), y.shape[3]!)
    : builder.node("Conv", [image, blockedFilter(scope, filter)], attributes, BLOCKED);
  scope.define(y, scope.reshape(result, shapeIn("blocked", y.shape, block!)), "blocked");
}

const plainFilter = (scope: Scope, { value, turned }: Filter): Name =>
  turned
    ? scope.builder.node("Transpose", [turnedTaps(scope, value)], { perm: [2, 3, 0, 1] })
    : outInHeightWidth(scope, value);

/** [out, in, height, width] in blocks: [out / block, in / block, height, width, block of in, block of out]; few inputs in none. */
function blockedFilter(scope: Scope, { value, turned }: Filter): Name {
  const few = value.shape[turned ? 3 : 2]! < scope.block!;
  const perm = turned
    ? (few ? [2, 4, 5, 0, 1, 3] : [2, 4, 0, 1, 5, 3])
    : (few ? [4, 2, 3, 0, 1, 5] : [4, 2, 0, 1, 3, 5]);
  const taps = turned ? turnedTaps(scope, value) : scope.name(value);
  return inBlocks(scope, taps, value.shape as Shape4D, perm, turned);
}

/** [height, out / block, in / block, width, block of in, block of out]. */
function blockedRows(scope: Scope, { value, turned }: Filter): Name {
  const taps = turned ? turnedTaps(scope, value) : scope.name(value);
  return inBlocks(scope, taps, value.shape as Shape4D, turned ? [0, 2, 4, 1, 5, 3] : [0, 4, 2, 1, 3, 5], turned);
}

/** A filter, [height, width, in, out], cut into [height, width, in / block, block, out / block, block] and permuted. */
function inBlocks(
  scope: Scope,
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

/** The filter with its rows and its columns in the opposite order. */
function turnedTaps(scope: Scope, filter: Value): Name {
  const [height, width, inputs, outputs] = filter.shape as Shape4D;
  const taps = scope.reshape(scope.name(filter), [height * width, inputs, outputs]);
  const turned = slice(scope, taps, [{ axis: 0, begin: -1, end: -(2 ** 31), step: -1 }]);
  return scope.reshape(turned, filter.shape);
}

const conv2d: Lowering = {
  infer: ({ x, filter }, attributes) => ({
    shape: geometry("Conv2D", x!.shape, filter!.shape, attributes).outShape,
    dtype: "float32",
  }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, filter = inputs["filter"]!;
    const info = geometry(name, x.shape, filter.shape, attributes);
    convolve(scope, x, { value: filter, turned: false }, outputs[0]!, {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: pads(info),
    }, info);
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
    const dy = inputs["dy"]!, dx = outputs[0]!;
    const { strideHeight, strideWidth, filterHeight: height, filterWidth: width, padInfo } = info;
    if (strideHeight !== 1 || strideWidth !== 1) {
      const phases = scope.canBlock(dx) && scope.canBlock(dy) ? phasesOf(info) : undefined;
      if (phases) return scope.define(dx, convolvePhases(scope, dy, filter, info, phases), "blocked");
      const name = convolveTransposed(scope, scope.name(dy, "channelsFirst"), filter, info);
      return scope.define(dx, name, "channelsFirst");
    }
    const { top, left, bottom, right } = padInfo;
    convolve(scope, dy, { value: filter, turned: true }, dx, {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right],
    }, info);
  },
};

/** Rows of an image that lie a stride apart, of which all read the same taps of the filter. */
interface Phase {
  /** The first of the taps, in the filter turned by 180 degrees; the others lie a stride apart. */
  readonly first: number;
  readonly taps: number;
  /** Padding of dy. */
  readonly before: number;
  readonly after: number;
}

/** The phases of rows and of columns, if every one has taps, and needs no less of dy than there is. */
function phasesOf(info: Geometry): { rows: Phase[]; columns: Phase[] } | undefined {
  const rows = phasesAlong(info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, info.padInfo.top);
  const columns = phasesAlong(info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, info.padInfo.left);
  const dilated = info.dilationHeight !== 1 || info.dilationWidth !== 1;
  return !dilated && rows && columns ? { rows, columns } : undefined;
}

/**
 * With row h = stride i + phase, tap k of row j of dy reaches it where stride j = h + before - k: the taps are those with the
 * remainder of phase + before, and of them the first reads row i + floor((phase + before) / stride), the next the row above.
 */
function phasesAlong(size: number, out: number, stride: number, width: number, before: number): Phase[] | undefined {
  if (size % stride !== 0) return undefined;
  const phases = Array.from({ length: stride }, (_, phase) => {
    const tap = (phase + before) % stride, taps = Math.ceil((width - tap) / stride);
    const above = taps - 1 - Math.floor((phase + before) / stride);
    return {
      first: width - 1 - tap - (taps - 1) * stride,
      taps,
      before: above,
      after: size / stride - out - above + taps - 1,
    };
  });
  return phases.every(({ taps, before, after }) => taps > 0 && before >= 0 && after >= 0) ? phases : undefined;
}

/** The gradient of what a convolution of a stride has read: a convolution of dy for each phase of rows and columns. */
function convolvePhases(
  scope: Scope,
  dy: Value,
  filter: Value,
  info: Geometry,
  { rows, columns }: { rows: readonly Phase[]; columns: readonly Phase[] },
): Name {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, strideHeight, strideWidth } = info;
  const image = scope.reshape(scope.name(dy, "blocked"), shapeIn("channelsFirst", dy.shape, scope.block!));
  const turned = turnedTaps(scope, filter);
  const along = (axis: number, { first, taps }: Phase, step: number) => ({
    axis,
    begin: first,
    end: first + (taps - 1) * step + 1,
    step,
  });
  const height = inHeight / strideHeight, width = inWidth / strideWidth;
  const joined = rows.map((row) => {
    const parts = columns.map((column) => {
      const taps = slice(scope, turned, [along(0, row, strideHeight), along(1, column, strideWidth)]);
      const shape: Shape4D = [row.taps, column.taps, inChannels, outChannels];
      const operands = [image, inBlocks(scope, taps, shape, [2, 4, 0, 1, 5, 3], true)];
      return scope.builder.node("Conv", operands, {
        kernel_shape: [row.taps, column.taps],
        pads: [row.before, column.before, row.after, column.after],
      }, BLOCKED);
    });
    return interleaveColumns(scope, parts, [batchSize, inChannels, height, width]);
  });
  const whole = interleaveRows(scope, joined, [batchSize, inChannels, height, inWidth]);
  return scope.reshape(whole, shapeIn("blocked", [batchSize, inHeight, inWidth, inChannels], scope.block!));
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

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  GroupedConv2D: groupedConv2d,
} satisfies Record<string, Lowering>;
