/**
 * The kernel `ScaleShift`, which the pass `fuse_scale_shift` makes: an image times `scale`, plus `shift`, plus another image,
 * or the ReLU of that.
 *
 * @module
 */
import { BLOCKED } from "../file/domains.ts";
import { isDynamic, type Value } from "../graph/graph.ts";
import type { LayoutScope } from "./layout_scope.ts";
import { shapeIn } from "./layouts.ts";
import { type Call, fusedLowering, type Values } from "./lowering.ts";
import type { Name } from "../file/encode.ts";

/** The inputs by name; `scale` and `shift` are [channels] or broadcast to [batch, 1, 1, channels]. */
interface Inputs {
  readonly x: Value;
  readonly scale?: Value;
  readonly shift?: Value;
  readonly addend?: Value;
}

interface Attributes {
  readonly relu?: boolean;
}

export const scaleShift = fusedLowering<Inputs, Attributes>((call, scope) => {
  const { inputs: { x, scale, shift, addend }, attributes: { relu }, output } = call;
  const layout = scope.preferredLayout(addend ? [x, addend] : [x]);
  const isPerChannel = [scale, shift].some((value) => value && value.shape.at(-1) !== 1);
  if (layout === "blocked" && isPerChannel && !x.shape.some(isDynamic)) return convolveDepthwise(call, scope);
  const { builder } = scope;
  let name = scope.name(x, layout);
  if (scale) name = builder.node("Mul", [name, scope.name(scale, layout)]);
  if (addend) name = builder.node("Add", [name, scope.name(addend, layout)]);
  if (shift) name = builder.node("Add", [name, scope.name(shift, layout)]);
  if (relu) name = builder.node("Relu", [name]);
  scope.define(output, name, layout);
});

/**
 * Reads a blocked image once: a convolution of single pixels in which each channel is a group of its own. Where the numbers
 * differ from image to image, the channels of the whole batch become channels of one image.
 */
function convolveDepthwise({ inputs, attributes, output }: Call<Values<Inputs>, Attributes>, scope: LayoutScope): void {
  const { x, scale, shift, addend } = inputs;
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const perImage = [scale, shift].some((value) => value && value.shape.length === 4 && value.shape[0] !== 1);
  const groups = perImage ? batch * channels : channels;
  const view = [perImage ? 1 : batch, groups, height, width];
  const image = (value: Value) => scope.reshape(scope.name(value, "blocked"), view);
  const numbers = (value: Value, shape: readonly number[]) =>
    scope.reshape(broadcastBlocked(scope, value, perImage ? [batch, 1, 1, channels] : [1, 1, 1, channels]), shape);
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
    ...(attributes.relu ? { activation: "Relu" } : {}),
  }, BLOCKED);
  scope.define(output, scope.reshape(result, shapeIn("blocked", x.shape, scope.block!), view), "blocked");
}

/** Broadcasts numbers to `shape` in the order of blocked channels. */
function broadcastBlocked(scope: LayoutScope, value: Value, shape: readonly number[]): Name {
  const name = scope.name(value, "blocked");
  const padded = [...Array(4 - value.shape.length).fill(1), ...value.shape];
  if (`${padded}` === `${shape}`) return name;
  return scope.builder.node("Expand", [name, scope.builder.integers(shapeIn("blocked", shape, scope.block!))]);
}
