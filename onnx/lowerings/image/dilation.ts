/**
 * Morphological dilation, y[p, c] = max over taps k of x[p stride + k dilation - before, c] + f[k, c], and its gradients, which
 * belong to the first tap of the maximum. As in TensorFlow.js, NaN is no maximum, and none is below the least safe integer.
 * A gradient without a maximum belongs to the first tap of the filter, and to the first pixel of the window that lies in the image.
 *
 * @module
 */
import type { Dilation2DAttrs, Dilation2DBackpropFilterInputs, Dilation2DInputs } from "@tensorflow/tfjs";
import type { Name } from "../../file/encode.ts";
import type { Value } from "../../graph/graph.ts";
import { TraceError } from "../../graph/trace_error.ts";
import { pixelsOfTaps, spreadSides } from "../convolution/any_sides.ts";
import { windows2d } from "../convolution/geometry.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { type Call, lowering, type Values } from "../lowering.ts";
import { concatenate } from "../move_elements.ts";
import { reduce } from "../reduction.ts";
import { padImage } from "../windows/pad_image.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isUnknown, resultShape, type Windows } from "../windows/windows.ts";

interface Candidates {
  readonly windows: readonly Windows[];
  /** x + f of every tap, [batch, channels, height, width]. */
  readonly ofTaps: readonly Name[];
  readonly largest: Name;
}

/** The largest number that is no maximum. */
const NO_MAXIMUM = Number.MIN_SAFE_INTEGER;

function candidates(scope: LayoutScope, x: Value, filter: Value, attributes: Dilation2DAttrs): Candidates {
  const { builder } = scope, channels = x.shape[3]!;
  const windows = windows2d("Dilation2D", x.shape, filter.shape, attributes);
  const least = builder.scalar(-Infinity);
  const image = padImage(scope, scope.name(x, "channelsFirst"), windows, least).name;
  const taps = scope.reshape(scope.name(filter), [windows[0]!.taps * windows[1]!.taps, channels, 1, 1]);
  const ofTaps = pixelsOfTaps(scope, image, windows).map((pixels, tap) => {
    const weight = builder.node("Gather", [taps, builder.integer(tap)]);
    const sum = builder.node("Add", [pixels, weight]);
    return builder.node("Where", [builder.node("IsNaN", [sum]), least, sum]);
  });
  return { windows, ofTaps, largest: builder.node("Max", [...ofTaps, builder.scalar(NO_MAXIMUM)]) };
}

function requireKnown(x: Value): void {
  if (x.dtype !== "float32") throw new TraceError(`tf.dilation2d of ${x.dtype}; cast it to float32`);
  if (isUnknown(x.shape[1]!) || isUnknown(x.shape[2]!)) {
    throw new TraceError("tf.dilation2d of an image of unknown sides; fix their sizes");
  }
}

export const dilation2d = lowering<Dilation2DInputs, Dilation2DAttrs>({
  infer: ({ x, filter }, attributes) => ({
    shape: resultShape(x.shape[0]!, windows2d("Dilation2D", x.shape, filter.shape, attributes), x.shape[3]!),
    dtype: x.dtype,
  }),
  lower({ inputs: { x, filter }, attributes, output }, scope) {
    requireKnown(x);
    scope.define(output, candidates(scope, x, filter, attributes).largest, "channelsFirst");
  },
});

/** Tells at which places [height, width] of the result a tap has the gradient of windows without a maximum. */
type HasRest = (tap: number, windows: readonly Windows[]) => boolean[];

/** The parts of dy that belong to each tap, [batch, channels, taps, height, width]. */
function shares(
  { inputs: { x, filter, dy }, attributes }: Call<Values<Dilation2DBackpropFilterInputs>, Dilation2DAttrs>,
  scope: LayoutScope,
  hasRest: HasRest,
): { readonly windows: readonly Windows[]; readonly ofTaps: Name } {
  requireKnown(x);
  const { builder } = scope, { windows, ofTaps, largest } = candidates(scope, x, filter, attributes);
  const gradient = scope.name(dy, "channelsFirst"), zero = builder.scalar(0);
  let isLeft = builder.node("Greater", [largest, builder.scalar(NO_MAXIMUM)]);
  const hasNone = builder.node("Not", [isLeft]);
  const parts = ofTaps.map((candidate, tap) => {
    const isLargest = builder.node("Equal", [candidate, largest]);
    const isFirst = builder.node("And", [isLargest, isLeft]);
    isLeft = builder.node("And", [isLeft, builder.node("Not", [isLargest])]);
    const places = Uint8Array.from(hasRest(tap, windows), Number);
    const rest = builder.node("And", [hasNone, builder.constant(places, dy.shape.slice(1, 3), "bool")]);
    const part = builder.node("Where", [builder.node("Or", [isFirst, rest]), gradient, zero]);
    return builder.node("Unsqueeze", [part, builder.integers([2])]);
  });
  return { windows, ofTaps: concatenate(scope, parts, 2) };
}

const firstTap: HasRest = (tap, windows) =>
  Array(windows.reduce((places, { count }) => places * count, 1)).fill(tap === 0);

/** The first pixel of a window that begins before the image lies at its border. */
const firstPixel: HasRest = (tap, windows) => {
  const [rows, columns] = windows as [Windows, Windows];
  const reads = ({ count, stride, before, dilation }: Windows, at: number) =>
    Array.from({ length: count }, (_, window) => {
      const begin = window * stride - before;
      return begin + at * dilation === Math.max(0, begin);
    });
  const [inRow, inColumn] = [reads(rows, Math.floor(tap / columns.taps)), reads(columns, tap % columns.taps)];
  return inRow.flatMap((row) => inColumn.map((column) => row && column));
};

export const dilation2dBackpropInput = lowering<Dilation2DBackpropFilterInputs, Dilation2DAttrs>({
  infer: ({ x }) => x,
  lower(call, scope) {
    const { inputs: { x, filter, dy }, output } = call;
    if (definesEmptySum(call.name, scope, [x, filter, dy], output)) return;
    const { windows, ofTaps } = shares(call, scope, firstPixel);
    const [rows, columns] = windows as [Windows, Windows], channels = x.shape[3]!, taps = rows.taps * columns.taps;
    const image = scope.reshape(ofTaps, [x.shape[0]!, channels * taps, dy.shape[1]!, dy.shape[2]!]);
    // Tap k of every channel is spread to place k of the window.
    const places = new Float32Array(channels * taps * taps);
    for (let at = 0; at < channels * taps; at++) places[at * taps + at % taps] = 1;
    const onePerTap = scope.builder.constant(places, [channels * taps, 1, rows.taps, columns.taps], "float32");
    scope.define(
      output,
      spreadSides(scope, image, onePerTap, windows, channels),
      "channelsFirst",
    );
  },
});

export const dilation2dBackpropFilter = lowering<Dilation2DBackpropFilterInputs, Dilation2DAttrs>({
  infer: ({ filter }) => filter,
  lower(call, scope) {
    const { x, filter, dy } = call.inputs;
    if (definesEmptySum(call.name, scope, [x, filter, dy], call.output)) return;
    const sums = reduce(scope, "ReduceSum", shares(call, scope, firstTap).ofTaps, [0, 3, 4], false);
    const tapsFirst = scope.builder.node("Transpose", [sums], { perm: [1, 0] });
    scope.define(call.output, scope.reshape(tapsFirst, call.output.shape));
  },
});
