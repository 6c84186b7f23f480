import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { trace, TraceError } from "../../../../onnx/internal.ts";
import { randomTensor } from "../../../support/eager.ts";
import { blockedCase, type Case, image, testCase, testLowerings } from "../../../support/lowering_cases.ts";

type Sides = number | [number, number];
type Pad = "same" | "valid" | number | [[0, 0], [number, number], [number, number], [0, 0]];

const depthwise = (strides: Sides, pad: Pad, dilations: Sides = 1, rounding?: "floor" | "round" | "ceil") =>
(
  x: tf.Tensor,
  f: tf.Tensor,
) =>
  tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, strides as [number, number], pad, "NHWC", dilations, rounding);

type Fn = (x: tf.Tensor, f: tf.Tensor) => tf.Tensor;

const paddings: readonly (readonly [Sides, Pad, Sides?, ("floor" | "round" | "ceil")?])[] = [
  [1, "same"],
  [2, "same"],
  [[1, 2], "valid"],
  [[2, 1], 1],
  [[1, 2], 1],
  [2, [[0, 0], [1, 2], [0, 1], [0, 0]]],
  [1, 4],
];
const dilated: typeof paddings = [[1, "same", 2], [1, "valid", [2, 1]], [1, 2, [1, 2]], [2, 1, 1, "ceil"], [
  3,
  1,
  1,
  "round",
]];

const filter = [3, 2, 3, 2];
const all = (fns: readonly Fn[], ...shapes: (number | null)[][]) =>
  testCase((x, f) => fns.map((fn) => fn(x!, f!)), ...shapes);
const gradients = (fn: Fn): Case =>
  testCase((x, f) => tf.grads(fn)([x!, f!], randomTensor(fn(x!, f!).shape, 7)), image, filter);

testLowerings(
  ["DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropFilter", "DepthwiseConv2dNativeBackpropInput"],
  {
    "depthwise convolutions": all([...paddings, ...dilated].map((rules) => depthwise(...rules)), image, filter),
    "a depthwise convolution of one image": testCase(
      (x, f) => tf.depthwiseConv2d(x as tf.Tensor3D, f as tf.Tensor4D, 1, "same"),
      [6, 5, 3],
      filter,
    ),
    "depthwise convolutions of an unknown size": all(
      [depthwise(2, "same"), depthwise(1, "same", 2), depthwise(2, 1), depthwise(3, [[0, 0], [1, 2], [0, 1], [0, 0]])],
      [null, null, null, 3],
      filter,
    ),
    "a depthwise convolution of a blocked image": blockedCase((y, _, numbers) =>
      tf.depthwiseConv2d(y, tf.reshape(tf.tile(numbers!, [9]), [3, 3, 32, 1]) as tf.Tensor4D, 1, "same")
    ),
    ...Object.fromEntries(
      paddings.map((rules) => [`the gradients of a depthwise convolution, ${rules}`, gradients(depthwise(...rules))]),
    ),
    "the gradients of a depthwise convolution of an unknown batch": testCase(
      (x, f) => tf.grads(depthwise(2, "same"))([x!, f!], depthwise(2, "same")(x!, f!)),
      [null, 6, 5, 3],
      filter,
    ),
    "a separable convolution, which calls other kernels": testCase(
      (x, f, g) => tf.separableConv2d(x as tf.Tensor4D, f as tf.Tensor4D, g as tf.Tensor4D, 1, "same"),
      image,
      filter,
      [1, 1, 6, 4],
    ),
    "a depthwise convolution without images": testCase(
      (x, f) => depthwise(1, "same")(x!, f!),
      [0, 6, 5, 3],
      filter,
    ),
  },
);

Deno.test("a depthwise convolution of NCHW images, which TensorFlow.js takes for NHWC, cannot be traced", () => {
  const f = randomTensor<tf.Rank.R4>([3, 3, 3, 1], 1);
  assert.throws(
    () =>
      trace(({ x }) => ({ y: tf.depthwiseConv2d(x as tf.Tensor4D, f, 1, "same", "NCHW") }), {
        x: { shape: [1, 3, 4, 4] },
      }),
    new TraceError("TensorFlow.js's depthwise convolution reads NCHW images as NHWC; transpose them to NHWC"),
  );
});
