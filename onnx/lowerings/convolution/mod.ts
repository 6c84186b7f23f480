/**
 * Convolutions: y[o, h, w] = sum over i, k, l of x[i, h s + k, w s + l] * f[k, l, i, o], for each image x, padded, with
 * stride s.
 *
 * @module
 */
import type { Conv2DAttrs, Conv2DInputs } from "@tensorflow/tfjs";
import { convolve } from "./convolve.ts";
import { conv2dBackpropFilter } from "./filter_gradient.ts";
import { conv2dBackpropInput } from "./input_gradient.ts";
import { geometry, pads } from "./geometry.ts";
import { type KernelLowering, lowering } from "../lowering.ts";

const conv2d = lowering<Conv2DInputs, Conv2DAttrs>({
  infer: ({ x, filter }, attributes) => ({
    shape: geometry("Conv2D", x.shape, filter.shape, attributes).outShape,
    dtype: "float32",
  }),
  lower({ name, inputs: { x, filter }, attributes, output }, scope) {
    const info = geometry(name, x.shape, filter.shape, attributes);
    convolve(scope, [{ x, filter: { value: filter, turned: false } }], output, {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: pads(info),
    }, info);
  },
});

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
} satisfies Record<string, KernelLowering>;
