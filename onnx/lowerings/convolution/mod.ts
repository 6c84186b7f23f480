/**
 * Convolutions: y[o, h, w] = sum over i, k, l of x[i, h s + k, w s + l] * f[k, l, i, o], x padded, of one image.
 *
 * @module
 */
import type { Lowering } from "../lowering.ts";
import { convolve } from "./convolve.ts";
import { geometry, pads, type Shape4D } from "./geometry.ts";
import { conv2dBackpropFilter } from "./filter_gradient.ts";
import { outInHeightWidth } from "./filter_layouts.ts";
import { conv2dBackpropInput, sumOfConv2dBackpropInput } from "./input_gradient.ts";

const conv2d: Lowering = {
  infer: ({ x, filter }, attributes) => ({
    shape: geometry("Conv2D", x!.shape, filter!.shape, attributes).outShape,
    dtype: "float32",
  }),
  lower({ name, inputs, attributes, outputs }, scope) {
    const x = inputs["x"]!, filter = inputs["filter"]!;
    const info = geometry(name, x.shape, filter.shape, attributes);
    convolve(scope, [{ x, filter: { value: filter, turned: false } }], outputs[0]!, {
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

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  GroupedConv2D: groupedConv2d,
  SumOfConv2DBackpropInput: sumOfConv2dBackpropInput,
} satisfies Record<string, Lowering>;
