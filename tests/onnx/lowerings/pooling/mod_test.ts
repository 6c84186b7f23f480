import * as tf from "@tensorflow/tfjs";
import { poolingLowerings } from "../../../../onnx/lowerings/pooling/mod.ts";
import { randomTensor } from "../../../support/eager.ts";
import { blockedCase, type Case, image, testCase, testLowerings, typedCase } from "../../../support/lowering_cases.ts";

type Pad = "same" | "valid" | number;
type Sides = number | [number, number];

const average = (size: Sides, strides: Sides, pad: Pad, rounding?: "floor" | "round" | "ceil") => (x: tf.Tensor) =>
  tf.avgPool(x as tf.Tensor4D, size, strides, pad, rounding);
const largest = (size: Sides, strides: Sides, pad: Pad, rounding?: "floor" | "round" | "ceil") => (x: tf.Tensor) =>
  tf.maxPool(x as tf.Tensor4D, size, strides, pad, rounding);
const average3d = (size: number, strides: number, pad: Pad) => (x: tf.Tensor) =>
  tf.avgPool3d(x as tf.Tensor5D, size, strides, pad);
const largest3d = (size: number, strides: number, pad: Pad) => (x: tf.Tensor) =>
  tf.maxPool3d(x as tf.Tensor5D, size, strides, pad);

type Fn = (x: tf.Tensor) => tf.Tensor;

/** The gradient for random gradients of the result. */
const gradient = (fn: Fn) => (x: tf.Tensor | undefined) => tf.grad(fn)(x!, randomTensor(fn(x!).shape, 7));
/** The gradient for that of half the square of the result. */
const unknownGradient = (fn: Fn) => (x: tf.Tensor | undefined) => tf.grad(fn)(x!, fn(x!));
const gradientCase = (fn: Fn, shape: readonly number[] = image): Case => ({
  ...testCase(gradient(fn), [...shape]),
  opset: 16,
});
const all = (fns: readonly Fn[], shape: readonly (number | null)[] = image) =>
  testCase((x) => fns.map((fn) => fn(x!)), [...shape]);

const volume = [2, 5, 6, 4, 3];
/** Numbers with many that are equal. */
const coarse = (x: number) => Math.round(2 * x);

const paddings: readonly (readonly [Sides, Sides, Pad])[] = [
  [3, 2, "same"],
  [2, 3, "same"],
  [[2, 3], [1, 2], "valid"],
  [[3, 2], [2, 1], 1],
  [2, [1, 2], 1],
  [1, 2, "valid"],
];

testLowerings(Object.keys(poolingLowerings), {
  "AvgPool": all(paddings.map((rules) => average(...rules))),
  "AvgPool of one image": testCase((x) => tf.avgPool(x as tf.Tensor3D, 2, 1, "same"), [6, 5, 3]),
  "AvgPool with padding as large as the window": all([average(2, 1, 2), average([1, 2], 1, 1)]),
  "AvgPool that rounds": all([average(2, 2, 0, "ceil"), average(3, 2, 1, "round"), average(3, 3, 0, "floor")]),
  "AvgPool and MaxPool of single pixels of an unknown side": all(
    [average(1, [1, 3], "valid"), largest(1, [1, 3], "valid")],
    [1, 2, null, 1],
  ),
  "AvgPool of an unknown size": all([
    average(3, 2, "same"),
    average(2, 3, "same"),
    average(2, 1, "same"),
    average(1, 2, "valid"),
    average(3, 2, 2),
    average(3, 2, 1, "ceil"),
  ], [null, null, null, 2]),
  "AvgPool of int32": typedCase(
    "int32",
    (x) => tf.cast(average(2, 2, "valid")(tf.cast(x!, "float32")), "int32"),
    image,
  ),
  "AvgPool's gradient": testCase(gradient((x) => tf.square(average(3, 2, "valid")(x))), image),
  "AvgPool's gradient of single pixels": testCase(gradient(average(1, 2, "valid")), image),
  "AvgPool of single pixels of a blocked image": blockedCase((y) => average(1, [2, 3], "valid")(y)),
  "AvgPool's gradient of single pixels of a blocked image": blockedCase((y) =>
    tf.grad(average(1, [2, 3], "valid"))(tf.zeros([2, 8, 9, 32]), y)
  ),
  "AvgPool's gradient of a constant image is no constant": testCase(
    (dy) => tf.square(tf.grad(average(3, 2, "valid"))(tf.ones(image), dy!)),
    [2, 2, 2, 3],
  ),
  "AvgPool's gradient for an unknown batch and size": testCase(
    unknownGradient(average(1, 2, "valid")),
    [null, null, null, 2],
  ),
  "AvgPool's gradient for an unknown batch": testCase(unknownGradient(average(2, 3, "valid")), [null, 6, 5, 2]),
  "AvgPool3D": all(
    [average3d(3, 2, "same"), average3d(2, 3, "same"), average3d(2, 1, "valid"), average3d(2, 2, 1)],
    volume,
  ),
  "AvgPool3D with padding as large as the window": all([average3d(1, 1, 1)], volume),
  "AvgPool3D of an unknown size": all([average3d(3, 2, "same"), average3d(1, 2, "valid")], [null, null, 6, null, 2]),
  "AvgPool3D's gradient": testCase(gradient(average3d(2, 2, "valid")), volume),
  "MaxPool": all(paddings.map((rules) => largest(...rules))),
  "MaxPool of negative numbers": { ...all(paddings.map((rules) => largest(...rules))), from: (x) => x - 5 },
  "MaxPool with padding as large as the window": { ...all([largest(2, 1, 2), largest([1, 2], 1, 1)]), from: (x) => x },
  "MaxPool that rounds": all([largest(2, 2, 0, "ceil"), largest(3, 2, 1, "round"), largest(3, 3, 0, "floor")]),
  "MaxPool of an unknown size": all([
    largest(3, 2, "same"),
    largest(2, 3, "same"),
    largest(2, 1, "same"),
    largest(1, 2, "valid"),
    largest(3, 2, 1),
  ], [null, null, null, 2]),
  "MaxPool of int32": typedCase("int32", (x) => largest(2, 2, "same")(x!), image),
  "MaxPool of large int32": {
    ...typedCase("int32", (x) => largest(2, 1, "valid")(x!), image),
    from: (x: number) => 2 ** 31 - 100 + Math.round(x * 50),
  },
  "MaxPool of bool": typedCase("bool", (x) => largest(2, 2, "same")(x!), image),
  "MaxPool of a blocked image": blockedCase((y) => largest(3, 2, "same")(y)),
  "MaxPool's gradient": gradientCase(largest(3, 2, "same")),
  "MaxPool's gradient of equal numbers": { ...gradientCase(largest(3, 1, "same")), from: coarse },
  "MaxPool's gradient with padding": { ...gradientCase(largest([3, 2], [2, 1], 1)), from: coarse },
  "MaxPool's gradient with padding as large as the window": gradientCase((x) => tf.relu(largest(1, 2, 1)(x))),
  "MaxPool's gradient for an unknown batch and size": {
    ...testCase(unknownGradient(largest(3, 2, "same")), [null, null, null, 2]),
    opset: 16,
  },
  "MaxPool3D": all(
    [largest3d(3, 2, "same"), largest3d(2, 3, "same"), largest3d(2, 1, "valid"), largest3d(2, 2, 1)],
    volume,
  ),
  "MaxPool3D of int32": typedCase("int32", (x) => largest3d(2, 2, "same")(x!), volume),
  "MaxPool3D of an unknown size": all([largest3d(3, 2, "same"), largest3d(1, 2, "valid")], [null, null, 6, null, 2]),
  "MaxPool3D's gradient": gradientCase(largest3d(3, 2, "same"), volume),
  "MaxPool3D's gradient of equal numbers": { ...gradientCase(largest3d(2, 1, "valid"), volume), from: coarse },
  "MaxPool3D's gradient with padding": { ...gradientCase(largest3d(2, 2, 1), volume), from: coarse },
  "MaxPoolWithArgmax": testCase((x) =>
    [true, false].flatMap((inBatch) => {
      const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, 3, 2, "same", inBatch);
      return [result!, indexes!];
    }), image),
  "MaxPoolWithArgmax of an unknown size": testCase((x) => {
    const { result, indexes } = tf.maxPoolWithArgmax(x as tf.Tensor4D, 2, 1, "same", true);
    return [result!, indexes!];
  }, [null, null, null, 2]),
  "poolings of single pixels that return the image, whatever their strides": all([
    average(1, [1, 2], 0),
    largest(1, [1, 2], 0),
    largest(1, 1, "same"),
  ]),
  "gradients of poolings of every pixel": {
    ...testCase((x) => [gradient(average(1, 1, "same"))(x), gradient(largest(1, 1, 0))(x)], image),
    opset: 16,
  },
  "gradients of results without elements": {
    ...testCase(
      (x, y) => [
        tf.grad(average([3, 1], 1, 0))(x!, tf.zeros([1, 6, 0, 3])),
        tf.grad(largest([3, 1], 1, 0))(x!, tf.zeros([1, 6, 0, 3])),
        tf.grad(largest(2, 2, "same"))(y!, tf.zeros([0, 2, 2, 3])),
      ],
      [1, 8, 2, 3],
      [0, 4, 4, 3],
    ),
    opset: 13,
  },
  "tf.pool with dilations, which calls other kernels": testCase(
    (x) => tf.pool(x as tf.Tensor4D, 2, "max", "valid", 1, 1),
    image,
  ),
});
