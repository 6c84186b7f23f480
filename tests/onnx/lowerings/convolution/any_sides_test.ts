import * as tf from "@tensorflow/tfjs";
import { randomTensor } from "../../../support/eager.ts";
import { type Case, image, testCase, testLowerings } from "../../../support/lowering_cases.ts";

type Sides = [number, number];
type Explicit = [Sides, Sides, Sides, Sides];

interface Rules {
  readonly strides?: Sides;
  readonly pad?: "same" | "valid" | number | Explicit;
  readonly format?: "NHWC" | "NCHW";
  readonly dilations?: Sides;
  readonly rounding?: "floor" | "round" | "ceil";
}

const convolve = ({ strides = [1, 1], pad = "same", format = "NHWC", dilations = [1, 1], rounding }: Rules) =>
(
  x: tf.Tensor,
  f: tf.Tensor,
) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides, pad, format, dilations, rounding);

const none: Sides = [0, 0];
const unequal: Explicit = [none, [1, 2], [0, 3], none];
const nchw: Explicit = [none, none, [1, 2], [0, 3]];

const nhwcRules: readonly Rules[] = [
  { strides: [2, 1], pad: 1 },
  { strides: [1, 2], pad: 1 },
  { strides: [2, 1], pad: 0 },
  { pad: 4 },
  { pad: unequal },
  { strides: [2, 2], pad: unequal },
];
const forwardRules: readonly Rules[] = [
  ...nhwcRules,
  { dilations: [2, 2] },
  { dilations: [2, 1], pad: "valid" },
  { dilations: [2, 1], pad: 2 },
  { strides: [2, 2], pad: 1, rounding: "ceil" },
  { strides: [3, 3], pad: 1, rounding: "round" },
  { strides: [2, 2], pad: 1, rounding: "floor" },
];
const nchwRules: readonly Rules[] = [
  { format: "NCHW" },
  { format: "NCHW", strides: [2, 2] },
  { format: "NCHW", pad: nchw },
];

const filter = [3, 2, 3, 4], channelsFirst = [2, 3, 6, 5];
const forward = (rules: readonly Rules[], ...shapes: (number | null)[][]) =>
  testCase((x, f) => rules.map((rule) => convolve(rule)(x!, f!)), ...shapes);
const gradients = (rule: Rules, shape: number[]): Case => {
  const fn = convolve(rule);
  return testCase((x, f) => tf.grads(fn)([x!, f!], randomTensor(fn(x!, f!).shape, 7)), shape, filter);
};
const gradientCases = (rules: readonly Rules[], shape: number[]) =>
  Object.fromEntries(rules.map((rule) => [`the gradients, ${JSON.stringify(rule)}`, gradients(rule, shape)]));

testLowerings(["Conv2D", "Conv2DBackpropFilter", "Conv2DBackpropInput"], {
  "Conv2D with every padding, dilation and rounding": forward(forwardRules, image, filter),
  "Conv2D of NCHW images": forward(nchwRules, channelsFirst, filter),
  "Conv2D of NCHW images between others": testCase(
    (x, f) => tf.relu(convolve({ format: "NCHW" })(tf.relu(convolve({ format: "NCHW" })(x!, f!)), f!)),
    channelsFirst,
    [3, 2, 3, 3],
  ),
  "Conv2D of an unknown size": forward(
    [{}, { strides: [2, 2] }, { strides: [2, 1] }, { pad: 2 }, { strides: [2, 2], pad: [none, [1, 1], [1, 2], none] }],
    [null, null, null, 3],
    filter,
  ),
  "Conv2D of an unknown width": forward([{ strides: [2, 2] }, { dilations: [1, 2] }], [2, 6, null, 3], filter),
  "Conv2D of NCHW images of an unknown size": forward(nchwRules, [null, 3, null, null], filter),
  "Conv2D without images, channels or filters": testCase(
    (x, y, f, g) => [convolve({})(x!, f!), convolve({})(y!, g!), convolve({})(x!, tf.slice(f!, 0, [3, 2, 3, 0]))],
    [0, 6, 5, 3],
    [2, 6, 5, 0],
    filter,
    [3, 2, 0, 4],
  ),
  ...gradientCases(nhwcRules, image),
  ...gradientCases(nchwRules, channelsFirst),
  "the gradients for an unknown batch": testCase(
    (x, f) => tf.grads(convolve({ strides: [2, 2] }))([x!, f!], convolve({ strides: [2, 2] })(x!, f!)),
    [null, 6, 5, 3],
    filter,
  ),
  "the gradients for an unknown size": testCase(
    (x, f) => tf.grads(convolve({}))([x!, f!], convolve({})(x!, f!)),
    [null, null, null, 3],
    filter,
  ),
  "tf.conv1d, which calls Conv2D": testCase(
    (
      x,
      f,
    ) => [
      tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, 2, "same"),
      tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, 1, "valid"),
    ],
    [2, 7, 3],
    [3, 3, 4],
  ),
  "tf.conv2dTranspose, which calls Conv2DBackpropInput": testCase(
    (x, f) => [
      tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 11, 10, 4], 2, "same"),
      tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 8, 7, 4], 1, "valid"),
      tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 4, 3, 4], 1, 2),
    ],
    image,
    [3, 3, 4, 3],
  ),
  "the gradients of tf.conv2dTranspose": testCase(
    (x, f) =>
      tf.grads((x, f) => tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 11, 10, 4], 2, "same"))(
        [x!, f!],
        randomTensor([2, 11, 10, 4], 7),
      ),
    image,
    [3, 3, 4, 3],
  ),
  "the gradients of NCHW images, for a gradient with a scale per column": testCase(
    (x, f, dy, scale) => tf.grads(convolve({ format: "NCHW" }))([x!, f!], tf.mul(dy!, scale!)),
    channelsFirst,
    filter,
    [2, 4, 6, 5],
    [5],
  ),
});
