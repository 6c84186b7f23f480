/**
 * Kernels that normalise images: by statistics of the batch, and by the neighbouring channels.
 *
 * @module
 */
import type {
  FusedBatchNormAttrs,
  FusedBatchNormInputs,
  LRNAttrs,
  LRNGradAttrs,
  LRNGradInputs,
  LRNInputs,
} from "@tensorflow/tfjs";
import type { Name } from "../file/encode.ts";
import { isDynamic, type Value } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { defineElementwise } from "./elementwise_lowering.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type Call, type KernelLowering, lowering, type Values } from "./lowering.ts";

/** The type with `scale` and `offset`, which may be missing, as TensorFlow.js does not declare them. */
type BatchNormInputs = FusedBatchNormInputs & { readonly scale?: Value; readonly offset?: Value };

const DEFAULT_EPSILON = 0.001;

const batchNorm = lowering<BatchNormInputs, FusedBatchNormAttrs>({
  infer(inputs) {
    const { x: { shape, dtype }, ...statistics } = inputs;
    if (dtype !== "float32") throw new TraceError(`tf.batchNorm of ${dtype} has no fractions; cast it to float32`);
    // TensorFlow.js repeats statistics of another size in turn.
    for (const [name, value] of Object.entries(statistics)) {
      if (!value || broadcastsTo(value.shape, shape)) continue;
      throw new TraceError(`tf.batchNorm of [${shape}] with ${name} [${value.shape}]; give one of each channel`);
    }
    return { shape, dtype };
  },
  lower(call, scope) {
    const { x, mean, variance, scale, offset } = call.inputs, channels = x.shape.at(-1)!;
    const isOfChannels = [mean, variance, scale, offset].every((value) => !value || `${value.shape}` === `${channels}`);
    const isOfImages = x.shape.length === 4 && !isDynamic(channels);
    const mayFold = isOfImages && isOfChannels && scope.specialValues === "fast";
    return mayFold ? normaliseChannels(call, scope) : normaliseByFormula(call, scope);
  },
});

/** Tells whether a shape broadcasts to another. */
const broadcastsTo = (shape: readonly number[], to: readonly number[]): boolean =>
  shape.length <= to.length && shape.every((size, at) => size === 1 || size === to[at - shape.length + to.length]);

type BatchNormCall = Call<Values<BatchNormInputs>, FusedBatchNormAttrs>;

/** Normalises by ONNX's operator, which runtimes fold into convolutions: x a + (offset - mean a), NaN for an infinite a. */
function normaliseChannels({ inputs, attributes, output }: BatchNormCall, scope: LayoutScope): void {
  const { builder } = scope, { x, mean, variance, scale, offset } = inputs, channels = x.shape[3]!;
  const filled = (element: number) => builder.constant(new Float32Array(channels).fill(element), [channels], "float32");
  const operands = [
    scope.name(x, "channelsFirst"),
    scale ? scope.name(scale) : filled(1),
    offset ? scope.name(offset) : filled(0),
    scope.name(mean),
    scope.name(variance),
  ];
  const epsilon = { float: attributes.varianceEpsilon ?? DEFAULT_EPSILON };
  scope.define(output, builder.node("BatchNormalization", operands, { epsilon }), "channelsFirst");
}

/** Normalises by TensorFlow.js's formula, by statistics that broadcast in any way. */
function normaliseByFormula({ inputs, attributes, output }: BatchNormCall, scope: LayoutScope): void {
  const { builder } = scope, { scale, offset } = inputs;
  const epsilon = builder.scalar(attributes.varianceEpsilon ?? DEFAULT_EPSILON);
  const keys = (["x", "mean", "variance", "scale", "offset"] as const).filter((key) => inputs[key]);
  defineElementwise(scope, keys, inputs as Readonly<Record<typeof keys[number], Value>>, output, (names) => {
    const difference = builder.node("Sub", [names.x, names.mean]);
    const scaled = scale ? builder.node("Mul", [difference, names.scale]) : difference;
    const deviation = builder.node("Sqrt", [builder.node("Add", [names.variance, epsilon])]);
    const normalised = builder.node("Div", [scaled, deviation]);
    return offset ? builder.node("Add", [normalised, names.offset]) : normalised;
  });
}

/**
 * Sums over the channels at most `radius` away. As an average over windows of an image whose width is the channels: ONNX's
 * `LRN` keeps a running sum in onnxruntime, which large numbers spoil for all later channels.
 */
function sumOfNeighbours({ builder }: LayoutScope, x: Name, radius: number): Name {
  const size = 2 * radius + 1;
  const attributes = { kernel_shape: [1, size], pads: [0, radius, 0, radius], count_include_pad: 1 };
  return builder.node("Mul", [builder.node("AveragePool", [x], attributes), builder.scalar(size)]);
}

/** Adds bias + alpha * sum of the squares of the neighbours. */
function norm(scope: LayoutScope, x: Name, { depthRadius, bias, alpha }: LRNAttrs): Name {
  const { builder } = scope;
  const sum = sumOfNeighbours(scope, builder.node("Mul", [x, x]), depthRadius);
  return builder.node("Add", [builder.node("Mul", [sum, builder.scalar(alpha)]), builder.scalar(bias)]);
}

/** y = x norm^-beta */
const lrn = lowering<LRNInputs, LRNAttrs>({
  infer: ({ x: { shape } }) => ({ shape, dtype: "float32" }),
  lower({ inputs: { x }, attributes, output }, scope) {
    const { builder } = scope, name = scope.name(x);
    const factor = builder.node("Pow", [norm(scope, name, attributes), builder.scalar(-attributes.beta)]);
    scope.define(output, builder.node("Mul", [name, factor]));
  },
});

/** dx = dy norm^-beta - 2 alpha beta x * sum of neighbours of (dy y / norm) */
const lrnGrad = lowering<LRNGradInputs, LRNGradAttrs>({
  infer: ({ x: { shape } }) => ({ shape, dtype: "float32" }),
  lower({ inputs, attributes, output }, scope) {
    const { builder } = scope, { alpha, beta, depthRadius } = attributes;
    const [x, y, dy] = [inputs.x, inputs.y, inputs.dy].map((value) => scope.name(value)) as [Name, Name, Name];
    const norms = norm(scope, x, attributes);
    const own = builder.node("Mul", [dy, builder.node("Pow", [norms, builder.scalar(-beta)])]);
    const shares = builder.node("Div", [builder.node("Mul", [dy, y]), norms]);
    const sum = builder.node("Mul", [x, sumOfNeighbours(scope, shares, depthRadius)]);
    const others = builder.node("Mul", [sum, builder.scalar(2 * alpha * beta)]);
    scope.define(output, builder.node("Sub", [own, others]));
  },
});

export const normalisationLowerings = {
  FusedBatchNorm: batchNorm,
  LRN: lrn,
  LRNGrad: lrnGrad,
} satisfies Record<string, KernelLowering>;
