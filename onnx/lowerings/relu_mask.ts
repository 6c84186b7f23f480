/**
 * The kernel `Step`: 1 above zero and `alpha` elsewhere. With `alpha` 0 it is the mask of a ReLU's gradient.
 *
 * @module
 */
import type { StepAttrs, StepInputs } from "@tensorflow/tfjs";
import { BLOCKED } from "../file/domains.ts";
import { isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { lowering } from "./lowering.ts";
import { TraceError } from "../graph/trace_error.ts";
import { elementType, type Name } from "../file/encode.ts";

export const step = lowering<StepInputs, StepAttrs>({
  infer: ({ x }) => x,
  lower({ inputs: { x }, attributes: { alpha = 0 }, output }, scope) {
    const { builder } = scope;
    if (x.dtype !== "float32") return ofIntegers(scope, x, alpha, output);
    const layout = scope.preferredLayout([x]), name = scope.name(x, layout);
    if (alpha === 0 && layout === "blocked" && !x.shape.some(isDynamic)) {
      return scope.defineBlocked(output, blockedMask(scope, x));
    }
    // The step of NaN is NaN. onnxruntime computes a sign several times faster than a choice.
    if (alpha === 0) return scope.define(output, builder.node("Relu", [builder.node("Sign", [name])]), layout);
    const positive = builder.node("Greater", [name, builder.scalar(0)]);
    const chosen = builder.node("Where", [positive, builder.scalar(1), builder.scalar(alpha)]);
    scope.define(output, builder.node("Where", [builder.node("IsNaN", [name]), name, chosen]), layout);
  },
});

/** The step of int32 and bool, stored as such. */
function ofIntegers(scope: LayoutScope, x: Value, alpha: number, output: Value): void {
  const { builder } = scope, { dtype } = x;
  const below = Math.trunc(alpha);
  if (dtype === "bool" && below !== 0 && below !== 1) {
    throw new TraceError(`tf.step of bool with alpha ${alpha} makes numbers other than 0 and 1; cast x to float32`);
  }
  const number = dtype === "bool" ? builder.node("Cast", [scope.name(x)], { to: elementType.int32 }) : scope.name(x);
  const [zero, one, other] = [0, 1, below].map((n) => builder.scalar(n, "int32"));
  const result = builder.node("Where", [builder.node("Greater", [number, zero!]), one!, other!]);
  scope.define(output, dtype === "int32" ? result : builder.node("Cast", [result], { to: elementType.bool }));
}

/** About the largest float: times it, every number above 1e-38 is at least 1. */
const HUGE = 3e38;

/** The mask of a blocked image: a convolution of single pixels, clipped to 0 and 1. */
function blockedMask(scope: LayoutScope, x: Value): Name {
  const channels = x.shape[3]!;
  const scale = scope.builder.constant(new Float32Array(channels).fill(HUGE), [channels, 1, 1, 1], "float32");
  return scope.builder.node("Conv", [scope.blockedImage(x), scale], {
    kernel_shape: [1, 1],
    group: channels,
    activation: "Clip",
    activation_params: { floats: [0, 1] },
  }, BLOCKED);
}
