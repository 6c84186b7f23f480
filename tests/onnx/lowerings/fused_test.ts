import * as tf from "@tensorflow/tfjs";
import { fusedKernelLowerings } from "../../../onnx/lowerings/fused.ts";
import { randomTensor } from "../../support/eager.ts";
import { type Case, image, testCase, testLowerings, typedCase } from "../../support/lowering_cases.ts";

type Activation = "linear" | "relu" | "elu" | "relu6" | "prelu" | "leakyrelu" | "sigmoid";
const activations: readonly Activation[] = ["linear", "relu", "elu", "relu6", "prelu", "leakyrelu", "sigmoid"];

const filter = [3, 3, 3, 4], nchw = [2, 3, 6, 5];
const scaled = (x: number) => 2 * x;

const convolve = (
  x: tf.Tensor | undefined,
  f: tf.Tensor | undefined,
  options: Partial<Parameters<typeof tf.fused.conv2d>[0]>,
) => tf.fused.conv2d({ x: x as tf.Tensor4D, filter: f as tf.Tensor4D, strides: 1, pad: "same", ...options });

const depthwise = (
  x: tf.Tensor | undefined,
  f: tf.Tensor | undefined,
  options: Partial<Parameters<typeof tf.fused.depthwiseConv2d>[0]>,
) => tf.fused.depthwiseConv2d({ x: x as tf.Tensor4D, filter: f as tf.Tensor4D, strides: 1, pad: "same", ...options });

const convolutions = (activation: Activation): Case => ({
  ...testCase(
    (x, f, bias, alpha) => [
      convolve(x, f, { bias: bias!, activation, preluActivationWeights: alpha!, leakyreluAlpha: 0.3 }),
      convolve(x, f, { strides: 2, activation, preluActivationWeights: alpha!, leakyreluAlpha: 0.1 }),
    ],
    image,
    filter,
    [4],
    [4],
  ),
  from: scaled,
});

testLowerings(Object.keys(fusedKernelLowerings), {
  ...Object.fromEntries(
    activations.map((activation) => [`FusedConv2D with a bias and ${activation}`, convolutions(activation)]),
  ),
  "FusedConv2D of NCHW images": testCase(
    (x, f, bias, alpha) =>
      convolve(x, f, { dataFormat: "NCHW", bias: bias!, activation: "prelu", preluActivationWeights: alpha! }),
    [2, 3, 4, 4],
    filter,
    [4],
    [4],
  ),
  "FusedConv2D of NCHW images with a scalar bias": testCase(
    (x, f, bias) => convolve(x, f, { dataFormat: "NCHW", bias: bias! }),
    nchw,
    filter,
    [],
  ),
  "FusedConv2D with biases of other shapes": testCase(
    (x, f, pixel, channel, alpha) => [
      convolve(x, f, { bias: pixel! }),
      convolve(x, f, { bias: channel!, activation: "prelu", preluActivationWeights: alpha! }),
    ],
    image,
    filter,
    [6, 5, 1],
    [1, 1, 4],
    [6, 5, 4],
  ),
  "FusedConv2D of an unknown size": testCase(
    (x, f, bias) => convolve(x, f, { strides: 2, bias: bias!, activation: "relu" }),
    [null, null, null, 3],
    filter,
    [4],
  ),
  "FusedConv2D's gradients": testCase(
    (x, f, bias) =>
      tf.grads((x, f, bias) => convolve(x, f, { bias, activation: "linear" }))(
        [x!, f!, bias!],
        randomTensor([...image.slice(0, 3), 4], 7),
      ),
    image,
    filter,
    [4],
  ),
  ...Object.fromEntries(activations.map((activation) => [
    `FusedDepthwiseConv2D with a bias and ${activation}`,
    {
      ...testCase(
        (x, f, bias, alpha) =>
          depthwise(x, f, { bias: bias!, activation, preluActivationWeights: alpha!, leakyreluAlpha: 0.3 }),
        image,
        [3, 3, 3, 2],
        [6],
        [6],
      ),
      from: scaled,
    },
  ])),
  ...Object.fromEntries(activations.map((activation) => [
    `_FusedMatMul with a bias and ${activation}`,
    {
      ...testCase(
        (a, b, bias, alpha) =>
          tf.fused.matMul({
            a: a!,
            b: b!,
            bias: bias!,
            activation,
            preluActivationWeights: alpha!,
            leakyreluAlpha: 0.3,
          }),
        [null, 3],
        [3, 4],
        [4],
        [4],
      ),
      from: scaled,
    },
  ])),
  "_FusedMatMul of transposes and batches": testCase(
    (a, b, c, d) => [
      tf.fused.matMul({ a: a!, b: b!, transposeA: true }),
      tf.fused.matMul({ a: a!, b: c!, transposeA: true, transposeB: true, activation: "relu" }),
      tf.fused.matMul({ a: d!, b: b! }),
    ],
    [2, 3, 5],
    [2, 3, 4],
    [2, 4, 3],
    [2, 6, 3],
  ),
  "_FusedMatMul of int32": typedCase(
    "int32",
    (a, b, bias) => tf.fused.matMul({ a: a!, b: b!, bias: bias!, activation: "relu" }),
    [2, 3],
    [3, 4],
    [4],
  ),
  "_FusedMatMul's gradients": testCase(
    (a, b, bias) =>
      tf.grads((a, b, bias) => tf.fused.matMul({ a, b, bias, activation: "linear" }))(
        [a!, b!, bias!],
        randomTensor([2, 4], 7),
      ),
    [2, 3],
    [3, 4],
    [4],
  ),
});
