/**
 * The gradient of a convolution's image: the transposed convolution of the gradient of its result. With stride 1 that is a
 * convolution with the filter turned by 180 degrees and its channels exchanged. With a greater stride the rows and columns of
 * each remainder are such a convolution, with the taps that reach them.
 *
 * @module
 */
import type { Conv2DBackpropInputAttrs, Conv2DBackpropInputInputs } from "@tensorflow/tfjs";
import type { Value } from "../../graph/graph.ts";
import type { LayoutScope } from "../layout_scope.ts";
import { type Call, fusedLowering, lowering } from "../lowering.ts";
import type { Name } from "../../file/encode.ts";
import { spreadSides } from "./any_sides.ts";
import { convolve, type Term } from "./convolve.ts";
import { type Geometry, geometry, type Shape4D, windows2d } from "./geometry.ts";
import { inBlocks, outInHeightWidth, turnedTaps } from "./filter_layouts.ts";
import { interleaveColumns, interleaveRows } from "./interleave.ts";
import { slice } from "../move_elements.ts";
import { sumOfBlocked } from "./sum_of_blocked.ts";
import { asNhwc, lowerNhwc, toNhwc } from "../windows/channels_first.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isPaddedBelowExtent, isPlain, isUnknown, type Windows, withCounts } from "../windows/windows.ts";

const term = (dy: Value, filter: Value): Term => ({ x: dy, filter: { value: filter, turned: true } });

export const conv2dBackpropInput = lowering<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>({
  infer: (_, { inputShape }) => ({ shape: inputShape, dtype: "float32" }),
  lower(call, scope) {
    const { dy, filter } = call.inputs;
    sumGradients(call, [term(dy, filter)], scope);
  },
});

/** Sums such gradients, of inputs `dy0`, `filter0`, `dy1`, `filter1`...; the pass `simplify_gradients` makes this kernel. */
export const sumOfConv2dBackpropInput = fusedLowering<Readonly<Record<string, Value>>, Conv2DBackpropInputAttrs>(
  (call, scope) => {
    const { inputs } = call;
    const count = Object.keys(inputs).length / 2;
    const terms = Array.from({ length: count }, (_, at) => term(inputs[`dy${at}`]!, inputs[`filter${at}`]!));
    sumGradients(call, terms, scope);
  },
);

function sumGradients(
  { name, attributes, output }: Call<unknown, Conv2DBackpropInputAttrs>,
  terms: readonly Term[],
  scope: LayoutScope,
): void {
  const operands = terms.flatMap(({ x, filter }) => [x, filter.value]);
  if (definesEmptySum(name, scope, operands, output)) return;
  const { dataFormat, inputShape } = attributes, filter = terms[0]!.filter.value;
  const images = terms.map((term) => ({ ...term, x: asNhwc(scope, term.x, dataFormat) }));
  const image = toNhwc(inputShape, dataFormat), dy = images[0]!.x;
  const rules = windows2d(name, image, filter.shape, attributes);
  const windows = withCounts(rules, dy.shape.slice(1, 3));
  lowerNhwc(scope, output, dataFormat, (dx) => {
    if (!isUnknown(image[0]!) && isPlain(windows) && isPaddedBelowExtent(windows)) {
      return sumKnownGradients(scope, images, dx, geometry(image, filter.shape, windows), windows);
    }
    sumAnyGradients(scope, images, dx, windows);
  });
}

/** Sums the gradients of a known batch of known sizes. */
function sumKnownGradients(
  scope: LayoutScope,
  terms: readonly Term[],
  dx: Value,
  info: Geometry,
  windows: readonly Windows[],
): void {
  const { x: dy } = terms[0]!;
  const { strideHeight, strideWidth, filterHeight: height, filterWidth: width, padInfo } = info;
  if (strideHeight === 1 && strideWidth === 1) {
    const { top, left, bottom, right } = padInfo;
    return convolve(scope, terms, dx, {
      strides: [1, 1],
      dilations: [1, 1],
      pads: [height - 1 - top, width - 1 - left, height - 1 - bottom, width - 1 - right],
    }, info);
  }
  const phases = scope.canBlock(dx) && scope.canBlock(dy) ? phasesOf(info) : undefined;
  if (phases) return scope.defineBlocked(dx, convolvePhases(scope, terms, info, phases));
  sumAnyGradients(scope, terms, dx, windows);
}

/** Sums the gradients as ONNX's transposed convolutions. */
function sumAnyGradients(scope: LayoutScope, terms: readonly Term[], dx: Value, windows: readonly Windows[]): void {
  const gradients = terms.map(({ x, filter }) =>
    spreadSides(scope, scope.name(x, "channelsFirst"), outInHeightWidth(scope, filter.value), windows, 1)
  );
  scope.define(dx, gradients.reduce((a, b) => scope.builder.node("Add", [a, b])), "channelsFirst");
}

/** Rows of an image that lie a stride apart; all of them read the same taps of the filter. */
interface Phase {
  /** The first of the taps, in the filter turned by 180 degrees; the others lie a stride apart. */
  readonly first: number;
  readonly taps: number;
  /** Padding of dy. */
  readonly before: number;
  readonly after: number;
}

/** Finds the phases of rows and of columns, if each of them has taps and needs no negative padding of dy. */
function phasesOf(info: Geometry): { rows: Phase[]; columns: Phase[] } | undefined {
  const rows = phasesAlong(info.inHeight, info.outHeight, info.strideHeight, info.filterHeight, info.padInfo.top);
  const columns = phasesAlong(info.inWidth, info.outWidth, info.strideWidth, info.filterWidth, info.padInfo.left);
  const dilated = info.dilationHeight !== 1 || info.dilationWidth !== 1;
  return !dilated && rows && columns ? { rows, columns } : undefined;
}

/**
 * Finds the phases of one axis. Tap k of row j of dy reaches row h = stride i + phase where stride j = h + before - k. So the
 * taps of a phase are those with the remainder of phase + before; the first of them reads row
 * i + floor((phase + before) / stride), the next one the row above.
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

/** Adds the gradient with a stride: a convolution of dy for each phase of rows and columns. */
function convolvePhases(
  scope: LayoutScope,
  terms: readonly Term[],
  info: Geometry,
  { rows, columns }: { rows: readonly Phase[]; columns: readonly Phase[] },
): Name {
  const { batchSize, inChannels, inHeight, inWidth, outChannels, strideHeight, strideWidth } = info;
  const height = inHeight / strideHeight, width = inWidth / strideWidth;
  const along = (axis: number, { first, taps }: Phase, step: number) => ({
    axis,
    begin: first,
    end: first + (taps - 1) * step + 1,
    step,
  });
  const phase = (row: Phase, column: Phase) => {
    const shape: Shape4D = [row.taps, column.taps, inChannels, outChannels];
    const operands = terms.map(({ x, filter }) => {
      const ranges = [along(0, row, strideHeight), along(1, column, strideWidth)];
      const taps = slice(scope, turnedTaps(scope, filter.value), ranges);
      return [scope.blockedImage(x), inBlocks(scope, taps, shape, [2, 4, 0, 1, 5, 3], true)] as const;
    });
    return sumOfBlocked(scope, operands, {
      kernel_shape: [row.taps, column.taps],
      pads: [row.before, column.before, row.after, column.after],
    });
  };
  const ofRows = rows.map((row) =>
    interleaveColumns(scope, columns.map((column) => phase(row, column)), [batchSize, inChannels, height, width])
  );
  return interleaveRows(scope, ofRows, [batchSize, inChannels, height, inWidth]);
}
