/**
 * Convolutions: y[o, h, w] = sum over i, k, l of x[i, h s + k, w s + l] * f[k, l, i, o], for each image x, padded, with
 * stride s.
 *
 * @module
 */
import type { Conv2DAttrs, Conv2DInputs } from "@tensorflow/tfjs";
import { convolveSides } from "./any_sides.ts";
import { conv3d, conv3dBackpropFilter, conv3dBackpropInput } from "./convolution_3d.ts";
import { convolve } from "./convolve.ts";
import { depthwiseConv2d, depthwiseConv2dBackpropFilter, depthwiseConv2dBackpropInput } from "./depthwise.ts";
import { outInHeightWidth } from "./filter_layouts.ts";
import { conv2dBackpropFilter } from "./filter_gradient.ts";
import { conv2dBackpropInput } from "./input_gradient.ts";
import { geometry, pads, windows2d } from "./geometry.ts";
import { type KernelLowering, lowering } from "../lowering.ts";
import { asNhwc, fromNhwc, lowerNhwc, toNhwc } from "../windows/channels_first.ts";
import { definesEmptySum } from "../windows/without_elements.ts";
import { isPlain, resultShape } from "../windows/windows.ts";

const conv2d = lowering<Conv2DInputs, Conv2DAttrs>({
  infer({ x, filter }, attributes) {
    const image = toNhwc(x.shape, attributes.dataFormat);
    const windows = windows2d("Conv2D", image, filter.shape, attributes);
    const shape = resultShape(image[0]!, windows, filter.shape[3]!);
    return { shape: fromNhwc(shape, attributes.dataFormat), dtype: "float32" };
  },
  lower({ name, inputs: { x, filter }, attributes, output }, scope) {
    if (definesEmptySum(name, scope, [x, filter], output)) return;
    const image = asNhwc(scope, x, attributes.dataFormat);
    const windows = windows2d(name, image.shape, filter.shape, attributes);
    lowerNhwc(scope, output, attributes.dataFormat, (result) => {
      if (!isPlain(windows)) {
        const [input, taps] = [scope.name(image, "channelsFirst"), outInHeightWidth(scope, filter)];
        return scope.define(result, convolveSides(scope, input, taps, windows, 1), "channelsFirst");
      }
      const info = geometry(image.shape, filter.shape, windows);
      convolve(scope, [{ x: image, filter: { value: filter, turned: false } }], result, {
        strides: [info.strideHeight, info.strideWidth],
        dilations: [info.dilationHeight, info.dilationWidth],
        pads: pads(info),
      }, info);
    });
  },
});

export const convolutionLowerings = {
  Conv2D: conv2d,
  Conv2DBackpropFilter: conv2dBackpropFilter,
  Conv2DBackpropInput: conv2dBackpropInput,
  Conv3D: conv3d,
  Conv3DBackpropFilterV2: conv3dBackpropFilter,
  Conv3DBackpropInputV2: conv3dBackpropInput,
  DepthwiseConv2dNative: depthwiseConv2d,
  DepthwiseConv2dNativeBackpropFilter: depthwiseConv2dBackpropFilter,
  DepthwiseConv2dNativeBackpropInput: depthwiseConv2dBackpropInput,
} satisfies Record<string, KernelLowering>;
