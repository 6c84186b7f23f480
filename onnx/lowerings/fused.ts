/**
 * Kernels that TensorFlow.js fuses: a product or a convolution, a bias, and an activation. Each is written as the kernels that
 * it stands for, which ONNX runtimes fuse again.
 *
 * @module
 */
import type {
  _FusedMatMulAttrs,
  _FusedMatMulInputs,
  FusedConv2DAttrs,
  FusedConv2DInputs,
  FusedDepthwiseConv2DAttrs,
  FusedDepthwiseConv2DInputs,
} from "@tensorflow/tfjs";
import type { Attributes, Value, ValueType } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { activationLowerings } from "./activation.ts";
import { convolutionLowerings } from "./convolution/mod.ts";
import { elementwiseLowerings } from "./elementwise.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { linearAlgebraLowerings } from "./linear_algebra.ts";
import { type KernelLowering, lowering } from "./lowering.ts";

const steps = {
  Add: elementwiseLowerings.Add,
  BatchMatMul: linearAlgebraLowerings.BatchMatMul,
  Conv2D: convolutionLowerings.Conv2D,
  DepthwiseConv2dNative: convolutionLowerings.DepthwiseConv2dNative,
  Elu: activationLowerings.Elu,
  LeakyRelu: activationLowerings.LeakyRelu,
  Prelu: activationLowerings.Prelu,
  Relu: elementwiseLowerings.Relu,
  Relu6: activationLowerings.Relu6,
  Sigmoid: elementwiseLowerings.Sigmoid,
} satisfies Record<string, KernelLowering>;

type Step = keyof typeof steps;

/** The kernels of the activations that TensorFlow.js fuses. */
const ACTIVATIONS: Readonly<Record<string, Step>> = {
  elu: "Elu",
  leakyrelu: "LeakyRelu",
  prelu: "Prelu",
  relu: "Relu",
  relu6: "Relu6",
  sigmoid: "Sigmoid",
};

/** The slope of `tf.leakyRelu`; TensorFlow.js's fused convolutions have none and make NaN of negative numbers. */
const LEAKY_SLOPE = 0.2;

/** The inputs besides the operands of the first step. */
interface Extras {
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

interface FusedAttributes {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
  readonly dataFormat?: string;
}

/** Runs the first step by itself or its type, then adds the bias and applies the activation; `apply` runs a step. */
function chain<T>(
  first: T,
  bias: T | undefined,
  alpha: T | undefined,
  { activation = "linear", leakyreluAlpha = LEAKY_SLOPE }: FusedAttributes,
  apply: (step: Step, inputs: Readonly<Record<string, T>>, attributes: Attributes) => T,
): T {
  const biased = bias ? apply("Add", { a: first, b: bias }, {}) : first;
  if (activation === "linear") return biased;
  const step = ACTIVATIONS[activation];
  if (!step) throw new TraceError(`the fused activation ${activation} cannot be traced; apply it after the kernel`);
  return apply(step, alpha ? { x: biased, alpha } : { x: biased }, { alpha: leakyreluAlpha });
}

/**
 * Makes the lowering of a fused kernel.
 *
 * @param first the kernel of its product or convolution
 * @param operands the names of that kernel's inputs
 */
const fused = <Inputs, Attrs>(first: Step, operands: readonly string[]): KernelLowering =>
  lowering<Inputs, Attrs>({
    infer(inputs, attributes) {
      const { bias, preluActivationWeights: alpha } = perChannel(
        inputs,
        attributes,
        ({ dtype }, shape) => ({ shape, dtype }),
      );
      const infer = (step: Step, values: Readonly<Record<string, Value>>, attributes: Attributes) =>
        steps[step].infer(values, attributes) as ValueType;
      const result = infer(first, pick(inputs, operands), attributes as Attributes);
      return chain<ValueType>(result, bias, alpha, attributes as FusedAttributes, infer);
    },
    lower({ inputs, attributes, output }, scope) {
      const { bias, preluActivationWeights: alpha } = perChannel(inputs, attributes, (value, shape) => {
        const reshaped: Value = { shape, dtype: value.dtype };
        scope.define(reshaped, scope.reshape(scope.name(value), shape));
        return reshaped;
      });
      const run = (step: Step, values: Readonly<Record<string, Value>>, attributes: Attributes) =>
        lowerStep(scope, step, values, attributes, output);
      const result = run(first, pick(inputs, operands), attributes as Attributes);
      scope.alias(output, chain<Value>(result, bias, alpha, attributes as FusedAttributes, run));
    },
  });

/** Runs a step whose result has the type of the fused kernel's. */
function lowerStep(
  scope: LayoutScope,
  step: Step,
  inputs: Readonly<Record<string, Value>>,
  attributes: Attributes,
  { shape, dtype }: ValueType,
): Value {
  const result: Value = { shape, dtype };
  steps[step].lower({ name: step, inputs, attributes, outputs: [result] }, scope);
  return result;
}

const pick = (inputs: unknown, keys: readonly string[]): Readonly<Record<string, Value>> =>
  Object.fromEntries(keys.map((key) => [key, (inputs as Record<string, Value>)[key]!]));

/** The extras; of NCHW images those of rank 1 belong to the channels, which are not the last axis. */
function perChannel(
  inputs: unknown,
  attributes: unknown,
  reshape: (value: Value, shape: readonly number[]) => Value,
): Extras {
  const { bias, preluActivationWeights } = inputs as Extras;
  const isNchw = (attributes as FusedAttributes).dataFormat === "NCHW";
  const aligned = (value: Value) => {
    const [channels] = value.shape, isMoved = isNchw && value.shape.length === 1 && channels !== 1;
    return isMoved ? reshape(value, [channels!, 1, 1]) : value;
  };
  return {
    ...(bias ? { bias: aligned(bias) } : {}),
    ...(preluActivationWeights ? { preluActivationWeights: aligned(preluActivationWeights) } : {}),
  };
}

export const fusedKernelLowerings = {
  FusedConv2D: fused<FusedConv2DInputs, FusedConv2DAttrs>("Conv2D", ["x", "filter"]),
  FusedDepthwiseConv2D: fused<FusedDepthwiseConv2DInputs, FusedDepthwiseConv2DAttrs>("DepthwiseConv2dNative", [
    "x",
    "filter",
  ]),
  _FusedMatMul: fused<_FusedMatMulInputs, _FusedMatMulAttrs>("BatchMatMul", ["a", "b"]),
} satisfies Record<string, KernelLowering>;
