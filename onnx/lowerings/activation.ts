/**
 * Activations of neural networks, besides those that are arithmetic (`elementwise.ts`).
 *
 * @module
 */
import {
  backend_util,
  type ClipByValueAttrs,
  type EluGradInputs,
  type LeakyReluAttrs,
  type LeakyReluInputs,
  type PreluInputs,
} from "@tensorflow/tfjs";
import { elementType } from "../file/encode.ts";
import type { Value } from "../graph/graph.ts";
import { broadcast, defineElementwise, elementwise } from "./elementwise_lowering.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { type KernelLowering, lowering } from "./lowering.ts";
import { numeric } from "./number_lowering.ts";

/** Every comparison with NaN is false, so NaN stays. */
const clipByValue = numeric<"x", ClipByValueAttrs>(["x"], (numbers, { x }, { clipValueMin, clipValueMax }) => {
  const [least, most] = [numbers.scalar(clipValueMin), numbers.scalar(clipValueMax)];
  return numbers.node("Clip", x, least, most);
});

/** The gradient in terms of the result: y + 1 below zero. */
const eluGrad = elementwise<keyof EluGradInputs>(["dy", "y"], (builder, { dy, y }) => {
  const slope = builder.node("Add", [builder.node("Min", [y, builder.scalar(0)]), builder.scalar(1)]);
  return builder.node("Mul", [dy, slope]);
});

/** Casts the inputs of a kernel whose result is float32 for every type. */
const float32Name = ({ builder }: LayoutScope, { dtype }: Value, name: string) =>
  dtype === "float32" ? name : builder.node("Cast", [name], { to: elementType.float32 });

const leakyRelu = lowering<LeakyReluInputs, LeakyReluAttrs>({
  infer: ({ x }) => ({ shape: x.shape, dtype: "float32" }),
  lower({ inputs, attributes: { alpha }, output }, scope) {
    defineElementwise(
      scope,
      ["x"],
      inputs,
      output,
      ({ x }) => scope.builder.node("LeakyRelu", [float32Name(scope, inputs.x, x)], { alpha: { float: alpha } }),
    );
  },
});

/** ONNX's operator, unless alpha has a larger shape than x. */
const prelu = lowering<PreluInputs>({
  infer: ({ x, alpha }) => ({ shape: broadcast([x, alpha]), dtype: "float32" }),
  lower({ inputs, output }, scope) {
    const { builder } = scope, isPrelu = `${inputs.x.shape}` === `${output.shape}`;
    defineElementwise(scope, ["x", "alpha"], inputs, output, (names) => {
      const [x, alpha] = [float32Name(scope, inputs.x, names.x), float32Name(scope, inputs.alpha, names.alpha)];
      if (isPrelu) return builder.node("PRelu", [x, alpha]);
      return builder.node("Where", [builder.node("Less", [x, builder.scalar(0)]), builder.node("Mul", [alpha, x]), x]);
    });
  },
});

const relu6 = numeric(["x"], (numbers, { x }) => numbers.node("Clip", x, numbers.scalar(0), numbers.scalar(6)));

const selu = numeric(["x"], (numbers, { x }) => {
  const { SELU_SCALE, SELU_SCALEALPHA } = backend_util;
  if (numbers.dtype === "float32") {
    const attributes = { alpha: { float: SELU_SCALEALPHA / SELU_SCALE }, gamma: { float: SELU_SCALE } };
    return numbers.builder.node("Selu", [x], attributes);
  }
  const [one, zero] = [numbers.scalar(1), numbers.scalar(0)];
  const below = numbers.node("Mul", numbers.node("Sub", numbers.node("Exp", x), one), numbers.scalar(SELU_SCALEALPHA));
  const above = numbers.node("Mul", x, numbers.scalar(SELU_SCALE));
  return numbers.node("Where", numbers.node("Less", x, zero), below, above);
});

const softplus = numeric(["x"], (numbers, { x }) => {
  if (numbers.dtype === "float32") return numbers.node("Softplus", x);
  // max(x, 0) + log(1 + e^-|x|) overflows nowhere.
  const decay = numbers.node("Exp", numbers.node("Neg", numbers.node("Abs", x)));
  const rest = numbers.node("Log", numbers.node("Add", decay, numbers.scalar(1)));
  return numbers.node("Add", numbers.node("Max", x, numbers.scalar(0)), rest);
});

export const activationLowerings = {
  ClipByValue: clipByValue,
  Elu: elementwise(["x"], (builder, { x }) => builder.node("Elu", [x])),
  EluGrad: eluGrad,
  LeakyRelu: leakyRelu,
  Prelu: prelu,
  Relu6: relu6,
  Selu: selu,
  Softplus: softplus,
} satisfies Record<string, KernelLowering>;
