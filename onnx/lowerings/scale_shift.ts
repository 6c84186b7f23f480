/**
 * {@linkcode scaleAndShift}'s kernel: an image times `scale`, plus `shift`, plus another image, or the ReLU of that.
 *
 * @module
 */
import { axesIn, shapeIn } from "./layouts.ts";
import { DYNAMIC, type Kernel, type Value } from "../graph/graph.ts";
import { BLOCKED, type Lowering, type Scope } from "./lowering.ts";
import type { Name } from "../file/model_builder.ts";
import { reduce } from "./reduction.ts";

/** The inputs by name; `scale` and `shift` are [channels] or broadcast to [batch, 1, 1, channels]. */
interface Operands {
  readonly x: Value;
  readonly scale?: Value;
  readonly shift?: Value;
  readonly addend?: Value;
}

export const scaleAndShiftLowerings = {
  ScaleShift: {
    infer: ({ x }) => x!,
    lower(kernel, scope) {
      const { x, scale, shift, addend } = kernel.inputs as unknown as Operands;
      const form = scope.preferredForm(addend ? [x, addend] : [x]);
      const isPerChannel = [scale, shift].some((value) => value && value.shape.at(-1) !== 1);
      if (form === "blocked" && isPerChannel && x.shape[0] !== DYNAMIC) return convolveDepthwise(kernel, scope);
      const { builder } = scope;
      let name = scope.name(x, form);
      if (scale) name = builder.node("Mul", [name, scope.name(scale, form)]);
      if (addend) name = builder.node("Add", [name, scope.name(addend, form)]);
      if (shift) name = builder.node("Add", [name, scope.name(shift, form)]);
      if (kernel.attributes["relu"]) name = builder.node("Relu", [name]);
      scope.define(kernel.outputs[0]!, name, form);
    },
  },
  /** The sum over the pixels of the product of two images. */
  SumOfProducts: {
    infer: ({ a }) => ({ shape: [a!.shape[0]!, 1, 1, a!.shape[3]!], dtype: a!.dtype }),
    lower({ inputs, outputs }, scope) {
      const { a, b } = inputs as { a: Value; b: Value };
      const form = scope.preferredForm([a, b]);
      const [one, other] = [scope.name(a, form), scope.name(b, form)];
      if (form === "blocked" && a.shape[0] !== DYNAMIC) {
        return scope.define(outputs[0]!, convolveWhole(scope, one, other, a.shape), form);
      }
      const axes = [1, 2].flatMap((axis) => axesIn(form, axis));
      const sums = reduce(scope, "ReduceSum", scope.builder.node("Mul", [one, other]), axes, true);
      scope.define(outputs[0]!, sums, form);
    },
  },
} satisfies Record<string, Lowering>;

/** As a blocked convolution of one window, whose filter, of each image and channel, is the other image: one pass over both. */
function convolveWhole(scope: Scope, image: Name, filter: Name, shape: readonly number[]): Name {
  const [batch, height, width, channels] = shape as [number, number, number, number];
  const groups = batch * channels;
  const operands = [
    scope.reshape(image, [1, groups, height, width]),
    scope.reshape(filter, [groups, 1, height, width]),
  ];
  const sums = scope.builder.node("Conv", operands, { kernel_shape: [height, width], group: groups }, BLOCKED);
  return scope.reshape(sums, shapeIn("blocked", [batch, 1, 1, channels], scope.block!));
}

/**
 * As a blocked convolution of single pixels in which each channel is a group of its own: one pass over the image. Where
 * images of the batch differ, all their channels are channels of one image.
 */
function convolveDepthwise({ inputs, attributes, outputs }: Kernel, scope: Scope): void {
  const { x, scale, shift, addend } = inputs as unknown as Operands;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const perImage = [scale, shift].some((value) => value && value.shape.length === 4 && value.shape[0] !== 1);
  const groups = perImage ? batch * channels : channels;
  const view = [perImage ? 1 : batch, groups, height, width];
  const image = (value: Value) => scope.reshape(scope.name(value, "blocked"), view);
  const numbers = (value: Value, shape: readonly number[]) =>
    scope.reshape(flatten(scope, value, perImage ? [batch, 1, 1, channels] : [1, 1, 1, channels]), shape);
  const ones = () => scope.builder.constant(new Float32Array(groups).fill(1), [groups, 1, 1, 1], "float32");
  const operands = [
    image(x),
    scale ? numbers(scale, [groups, 1, 1, 1]) : ones(),
    shift ? numbers(shift, [groups]) : "",
    addend ? image(addend) : "",
  ];
  while (operands.at(-1) === "") operands.pop();
  const result = scope.builder.node("Conv", operands, {
    kernel_shape: [1, 1],
    group: groups,
    ...(attributes["relu"] ? { activation: "Relu" } : {}),
  }, BLOCKED);
  scope.define(outputs[0]!, scope.reshape(result, shapeIn("blocked", x.shape, scope.block!), view), "blocked");
}

/** About the largest float: times it, every number above 1e-38 is at least 1. */
const HUGE = 3e38;

/** 1 above zero and 0 elsewhere, of a blocked image: a convolution of single pixels, cut off at 0 and 1. */
export function stepOfBlocked(scope: Scope, x: Value): Name {
  const channels = x.shape[3]!;
  const scale = scope.builder.constant(new Float32Array(channels).fill(HUGE), [channels, 1, 1, 1], "float32");
  return scope.builder.node("Conv", [scope.blockedImage(x), scale], {
    kernel_shape: [1, 1],
    group: channels,
    activation: "Clip",
    activation_params: { floats: [0, 1] },
  }, BLOCKED);
}

/** A number for every channel, and for every image where `shape` has them, in the order of blocked channels. */
function flatten(scope: Scope, value: Value, shape: readonly number[]): Name {
  const name = scope.name(value, "blocked");
  const padded = [...Array(4 - value.shape.length).fill(1), ...value.shape];
  if (`${padded}` === `${shape}`) return name;
  return scope.builder.node("Expand", [name, scope.builder.integers(shapeIn("blocked", shape, scope.block!))]);
}
