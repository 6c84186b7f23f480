/** Every lowering against the same kernel on TensorFlow.js's CPU backend. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { blockSize } from "../../../engine/compiled.ts";
import { allReduce, lowerings, toOnnx, trace } from "../../../onnx/internal.ts";
import type { TensorFunction } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

tf.enableProdMode();
await tf.setBackend("cpu");

type Fn = (...tensors: tf.Tensor[]) => tf.Tensor | tf.Tensor[];

interface Case {
  readonly fn: Fn;
  readonly shapes: readonly number[][];
  /** Maps the inputs' numbers, which lie in [-1, 1). */
  readonly from?: (x: number) => number;
}

const image = [2, 6, 5, 3];
const positive = (x: number) => x + 1.5;
const conv = (size: number, stride: number, pad: "same" | "valid" | number): Case => ({
  fn: (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride, pad),
  shapes: [image, [size, size, 3, 4]],
});
/** A convolution's gradients of its input and of its filter, for a random gradient of its output. */
const convGradients = (
  size: number,
  stride: number,
  pad: "same" | "valid" | number,
  shape = image,
  filters = 4,
): Case => ({
  fn: (x, f) => {
    const forward = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride, pad);
    const out = forward(x!, f!).shape;
    return tf.grads(forward)([x!, f!], tf.tensor(randomArray(out, 7), out));
  },
  shapes: [shape, [size, size, shape[3]!, filters]],
});
const groupedConvolution = (x: tf.Tensor4D, f: tf.Tensor4D, { groups, stride }: { groups: number; stride: number }) => {
  const filters = tf.split<tf.Tensor4D>(f, groups, 3);
  const parts = tf.split<tf.Tensor4D>(x, groups, 3);
  return tf.concat(parts.map((part, at) => tf.conv2d<tf.Tensor4D>(part, filters[at]!, stride, "same")), 3);
};
const same = (fn: Fn, ...shapes: number[][]): Case => ({ fn, shapes });

/** The gradient of what two convolutions, each of the ReLU of the same image, read; their sum and a square meet there. */
const meetingGradients = (size: number, stride: number, shape: number[], filters: number): Case => ({
  fn: (x, f, g) =>
    tf.grad((x) => {
      const [one, other] = [f!, g!].map((filter) => {
        const y = tf.conv2d(tf.relu(x) as tf.Tensor4D, filter as tf.Tensor4D, stride, "same");
        return y.mul(tf.tensor(randomArray(y.shape, 7), y.shape)).sum();
      });
      return one!.add(tf.square(x).sum()).add(other!);
    })(x!),
  shapes: [shape, [size, size, shape[3]!, filters], [size, size, shape[3]!, filters]],
  from: (x) => x / 4,
});

/** An image that fills onnxruntime's blocks, and a function of what a convolution makes of it. */
const blocked = (fn: (y: tf.Tensor4D, x: tf.Tensor4D, ...numbers: tf.Tensor[]) => tf.Tensor | tf.Tensor[]): Case => ({
  fn: (x, f, ...numbers) => fn(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), x as tf.Tensor4D, ...numbers),
  shapes: [[2, 4, 3, 32], [3, 3, 32, 32], [32], [32], [2, 1, 1, 1]],
  from: (x) => x / 4,
});

const cases: Record<string, Case> = {
  "blocked: Conv2D of few channels": {
    fn: (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"),
    shapes: [image, [3, 3, 3, 16]],
  },
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter": convGradients(3, 1, "same", [2, 5, 4, 16], 32),
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter, stride 2": convGradients(3, 2, "same", [2, 6, 4, 16], 32),
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter, 5 x 5, stride 2": convGradients(5, 2, 2, [2, 8, 6, 16], 16),
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter of single pixels": convGradients(
    1,
    1,
    "same",
    [2, 5, 4, 16],
    32,
  ),
  "blocked: Conv2DBackpropInput, stride 3": convGradients(3, 3, "same", [2, 6, 6, 16], 16),
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter, 1 x 1, stride 2": convGradients(
    1,
    2,
    "same",
    [2, 6, 4, 16],
    16,
  ),
  "blocked: Conv2DBackpropInput to few channels": convGradients(3, 1, "same", [2, 5, 4, 3], 16),
  "blocked: Conv2D in tiles of rows": {
    fn: (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"),
    shapes: [[2, 8, 5, 64], [3, 3, 64, 80]],
    from: (x) => x / 8,
  },
  "blocked: Conv2DBackpropInput and Conv2DBackpropFilter in tiles of rows": {
    ...convGradients(3, 1, "same", [2, 8, 5, 80], 64),
    from: (x) => x / 8,
  },
  "SumOfConv2DBackpropInput": meetingGradients(3, 1, image, 4),
  "SumOfConv2DBackpropInput, stride 2": meetingGradients(3, 2, image, 4),
  "blocked: SumOfConv2DBackpropInput": meetingGradients(3, 1, [2, 5, 4, 16], 32),
  "blocked: SumOfConv2DBackpropInput, stride 2": meetingGradients(3, 2, [2, 6, 4, 16], 32),
  "blocked: SumOfConv2DBackpropInput in tiles of rows": meetingGradients(3, 1, [2, 8, 5, 64], 64),
  "blocked: Conv2D that leaves the blocks": blocked((y) =>
    tf.conv2d(y, tf.ones([1, 1, 32, 3]) as tf.Tensor4D, 1, "same")
  ),
  "blocked: reductions": blocked((y) => [
    ...[[0, 1, 2], [1, 2], [0], [2], [0, 1, 2, 3], [0, 3]].map((axes) => tf.sum(y, axes)),
    ...[[1, 2], [0, 1, 2], [3]].map((axes) => tf.mean(y, axes, true).add(y)),
    tf.max(y, [1, 2]),
  ]),
  "blocked: movements": blocked((y) => [
    tf.slice4d(y, [0, 1, 1, 0], [2, 2, 2, 32]),
    tf.slice4d(y, [0, 0, 0, 3], [2, 4, 3, 16]),
    tf.pad4d(y, [[0, 0], [1, 0], [0, 2], [0, 0]], 0.5),
    tf.pad4d(y, [[0, 0], [0, 0], [0, 0], [4, 12]]),
    ...tf.split(y, 2, 3),
    ...tf.split(y, [8, 24], 3),
    ...tf.split(y, 2, 1),
    tf.concat([y, y], 3),
    tf.concat([y, tf.relu(y)], 1),
    tf.transpose(y, [0, 3, 1, 2]),
    tf.reshape(y, [8, -1]),
  ]),
  "blocked: choices": blocked((y, x) => [tf.where(tf.greater(y, x), y, x), tf.cast(tf.greater(y, 0), "float32")]),
  "blocked: operands that broadcast": blocked((y, x) => [
    tf.add(y, tf.slice4d(x, [0, 0, 0, 0], [1, 4, 3, 32])),
    tf.add(y, tf.slice4d(x, [0, 0, 0, 5], [2, 4, 3, 1])),
    tf.add(y, tf.reshape(tf.slice4d(x, [0, 0, 0, 0], [1, 1, 3, 32]), [3, 32])),
  ]),
  "ScaleShift per channel, and its ReLU": blocked((y, _, a, b) => [
    y.mul(a!),
    y.mul(a!).add(b!),
    tf.relu(y.add(1).mul(a!).add(b!).add(a!)),
  ]),
  "ScaleShift of two images": blocked((y, x, a, b) => [
    tf.add(y.mul(a!), x.mul(b!)).add(b!),
    tf.add(tf.exp(y), x.mul(b!).add(a!)),
    tf.add(y, x.mul(b!).add(a!)),
  ]),
  "ScaleShift per image and channel": blocked((y, x, a, b, c) => [
    y.mul(a!).add(b!).mul(c!).add(x.mul(b!).add(a!).mul(c!)),
    y.mul(c!),
    tf.sum(y.mul(c!), [0, 1, 2]),
    tf.sum(tf.mul(y.mul(c!), x), [0, 1, 2]),
    tf.sum(y.mul(c!).mul(a!), [1, 2], true),
  ]),
  "SumOfProducts": blocked((y, x, a) => [
    tf.sum(y.mul(x), [0, 1, 2]),
    tf.sum(tf.square(y), [1, 2], true),
    tf.mean(tf.square(x), [0, 1, 2], true),
    tf.mean(tf.squaredDifference(y, a!), [1, 2]),
    tf.sum(x.mul(a!).mul(y), [0, 1, 2]),
    tf.mean(y.mul(a!), [0, 1, 2]),
  ]),
  "ScaleShift that is used again": blocked((y, _, a, b) => {
    const shifted = y.mul(a!).add(b!);
    return [shifted, tf.relu(shifted), shifted.add(a!), tf.step(shifted)];
  }),
  "ScaleShift of a difference": blocked((y, _, a) => [y.sub(a!), a!.sub(y), tf.squaredDifference(y, a!)]),
  "Abs": same((x) => tf.abs(x!), [3, 4]),
  "Add broadcasts a channel vector": same((a, b) => tf.add(a!, b!), image, [3]),
  "Add broadcasts over a convolution": same(
    (x, f, b) => tf.add(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), b!),
    image,
    [3, 3, 3, 4],
    [5, 4],
  ),
  "Add of a tensor of full rank over a convolution": same(
    (x, f, b) => tf.add(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), b!),
    image,
    [3, 3, 3, 4],
    [2, 1, 1, 1],
  ),
  "AddN": same((a, b, c) => tf.addN([a!, b!, c!]), [3, 4], [3, 4], [3, 4]),
  "AllReduce, in a process that is alone": same((x) => tf.square(allReduce(x!)), [3, 4]),
  "ArgMax": same((x) => tf.argMax(x!, -1), [3, 4]),
  "ArgMin": same((x) => tf.argMin(x!, 0), [3, 4]),
  "AvgPool with padding": same((x) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same"), image),
  "AvgPool of single pixels": same((x) => tf.avgPool(x as tf.Tensor4D, 1, 2, "valid"), image),
  "AvgPoolGrad": same((x) => tf.grad((x) => tf.square(tf.avgPool(x as tf.Tensor4D, 3, 2, "valid")))(x!), image),
  "AvgPoolGrad of single pixels": same(
    (x) => tf.grad((x) => tf.square(tf.avgPool(x as tf.Tensor4D, 1, 2, "valid")))(x!),
    image,
  ),
  "BatchMatMul": same((a, b) => tf.matMul(a!, b!), [2, 3, 4], [2, 4, 5]),
  "BatchMatMul transposed": same((a, b) => tf.matMul(a!, b!, true, true), [4, 3], [5, 4]),
  "Cast": same((x) => tf.cast(tf.mul(x!, 9), "int32"), [3, 4]),
  "Concat along channels": same(
    (x, f) => tf.concat([tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), x!], 3),
    image,
    [1, 1, 3, 4],
  ),
  "Conv2D same": conv(3, 1, "same"),
  "Conv2D same, stride 2, pads bottom and right": conv(3, 2, "same"),
  "Conv2D valid, even filter": conv(2, 1, "valid"),
  "Conv2D padded by a number": conv(3, 2, 1),
  "Conv2DBackpropInput and Conv2DBackpropFilter": convGradients(3, 1, "same"),
  "Conv2DBackpropInput and Conv2DBackpropFilter, stride 2, odd sides": convGradients(3, 2, "same"),
  "Conv2DBackpropInput and Conv2DBackpropFilter, stride 2, even sides": convGradients(3, 2, "same", [2, 8, 6, 3]),
  "Conv2DBackpropInput and Conv2DBackpropFilter, valid, even filter": convGradients(2, 1, "valid"),
  "Conv2DBackpropInput and Conv2DBackpropFilter, padded by a number": convGradients(2, 1, 1),
  "Conv2DBackpropInput and Conv2DBackpropFilter, even filter, padded at the end": convGradients(2, 1, "same"),
  "Conv2DBackpropInput and Conv2DBackpropFilter, a filter larger than the image": convGradients(7, 1, "same"),
  "Conv2DBackpropInput and Conv2DBackpropFilter of single pixels": convGradients(1, 1, "same"),
  "Conv2DBackpropInput and Conv2DBackpropFilter of single pixels, stride 2": convGradients(1, 2, "valid"),
  "Equal": same((a, b) => tf.equal(tf.step(a!), tf.step(b!)), [3, 4], [3, 4]),
  "Exp": same((x) => tf.exp(x!), [3, 4]),
  "GroupedConv2D and its gradients": {
    fn: (x, f) => {
      const forward = (x: tf.Tensor, f: tf.Tensor) =>
        groupedConvolution(x as tf.Tensor4D, f as tf.Tensor4D, { groups: 2, stride: 2 });
      const y = forward(x!, f!);
      return [y, ...tf.grads(forward)([x!, f!], tf.tensor(randomArray(y.shape, 7), y.shape))];
    },
    shapes: [[2, 6, 5, 4], [3, 3, 2, 6]],
  },
  "ExpandDims": same((x) => tf.expandDims(x!, 1), [3, 4]),
  "Fill": same((x) => tf.add(x!, tf.fill([3, 4], 2.5)), [4]),
  "Greater": same((a, b) => tf.greater(a!, b!), [3, 4], [4]),
  "GreaterEqual": same((a, b) => tf.greaterEqual(a!, b!), [3, 4], [4]),
  "Less": same((a, b) => tf.less(a!, b!), [3, 4], [4]),
  "LessEqual": same((a, b) => tf.lessEqual(a!, b!), [3, 4], [4]),
  "Log": { ...same((x) => tf.log(x!), [3, 4]), from: positive },
  "LogicalAnd": same((a, b) => tf.logicalAnd(tf.greater(a!, 0), tf.greater(b!, 0)), [3, 4], [3, 4]),
  "LogicalNot": same((a) => tf.logicalNot(tf.greater(a!, 0)), [3, 4]),
  "LogicalOr": same((a, b) => tf.logicalOr(tf.greater(a!, 0), tf.greater(b!, 0)), [3, 4], [3, 4]),
  "LogSoftmax": same((x) => tf.logSoftmax(x!), [3, 4]),
  "Max over channels": same((x) => tf.max(x!, [3]), image),
  "Maximum": same((a, b) => tf.maximum(a!, b!), [3, 4], [4]),
  "Mean over the image of a convolution": same(
    (x, f) => tf.mean(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), [1, 2]),
    image,
    [3, 3, 3, 4],
  ),
  "Mean over everything but channels, dimensions kept": same(
    (x, f) => tf.mean(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), [0, 1, 2], true),
    image,
    [3, 3, 3, 4],
  ),
  "Mean leaves rows and channels in their order": same(
    (x, f) => tf.mean(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), [2]),
    image,
    [3, 3, 3, 4],
  ),
  "Min": same((x) => tf.min(x!, 0), [3, 4]),
  "Minimum": same((a, b) => tf.minimum(a!, b!), [3, 4], [4]),
  "Multiply": same((a, b) => tf.mul(a!, b!), image, image),
  "Multiply by ones broadcasts": same((a) => tf.mul(a!, tf.ones([10, 3, 4])), [3, 4]),
  "Neg": same((x) => tf.neg(x!), [3, 4]),
  "OneHot": { ...same((x) => tf.oneHot(tf.cast(x!, "int32"), 4), [5]), from: (x) => Math.floor(2 * x + 2) },
  "OnesLike": same((x) => tf.add(x!, tf.onesLike(x!)), [3, 4]),
  "PadV2 of a convolution": same(
    (x, f) => tf.pad4d(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), [[0, 0], [1, 2], [0, 3], [2, 0]], 0.5),
    image,
    [3, 3, 3, 4],
  ),
  "Pow": { ...same((a, b) => tf.pow(a!, b!), [3, 4], [4]), from: positive },
  "RealDiv": { ...same((a, b) => tf.div(a!, b!), [3, 4], [4]), from: positive },
  "Reciprocal": { ...same((x) => tf.reciprocal(x!), [3, 4]), from: positive },
  "Relu": same((x) => tf.relu(x!), image),
  "Relu's gradient": same((x) => tf.grad((x) => tf.square(tf.relu(x)))(x!), image),
  "Reshape": same((x) => tf.reshape(x!, [2, 30, -1]), image),
  "Rsqrt": { ...same((x) => tf.rsqrt(x!), [3, 4]), from: positive },
  "Select": same((a, b, c) => tf.where(tf.greater(a!, 0), b!, c!), [3, 4], [3, 4], [3, 4]),
  "Sigmoid": same((x) => tf.sigmoid(x!), [3, 4]),
  "Slice of a convolution": same(
    (x, f) => tf.slice4d(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), [0, 1, 2, 1], [2, 3, -1, 2]),
    image,
    [3, 3, 3, 4],
  ),
  "Softmax": same((x) => tf.softmax(x!), [3, 4]),
  "SplitV": same((x) => tf.split(x!, [1, 2], 3), image),
  "Sqrt": { ...same((x) => tf.sqrt(x!), [3, 4]), from: positive },
  "Square": same((x) => tf.square(x!), [3, 4]),
  "SquaredDifference": same((a, b) => tf.squaredDifference(a!, b!), [3, 4], [4]),
  "Step": same((x) => tf.step(x!, 0.5), [3, 4]),
  "StridedSlice": same((x) => tf.stridedSlice(x!, [0, 1, 4], [2, 6, 0], [1, 2, -1]), image),
  "StridedSlice to the start": same((x) => tf.stridedSlice(x!, [2, 1], [-4, 0], [-1, 1], 0, 2), [3, 4]),
  "StridedSlice that drops an axis": same((x) => tf.stridedSlice(x!, [1, 1], [3, 0], [1, 1], 0, 0, 0, 0, 2), [3, 4]),
  "StridedSlice that adds an axis": same((x) => tf.stridedSlice(x!, [0, 1], [0, 3], [1, 1], 0, 0, 0, 1), [3, 4]),
  "Sub": same((a, b) => tf.sub(a!, b!), [4], [3, 4]),
  "Sum over rows": same((x) => tf.sum(x!, 1), [3, 4]),
  "Sum's gradient": same((x) => tf.grad((x) => tf.square(tf.sum(x, [1, 2])))(x!), image),
  "Tanh": same((x) => tf.tanh(x!), [3, 4]),
  "Transpose": same((x) => tf.transpose(x!, [1, 0, 3, 2]), image),
  "Transpose to channels first and back": same(
    (x, f) =>
      tf.conv2d(tf.transpose(x!, [0, 2, 3, 1]) as tf.Tensor4D, f as tf.Tensor4D, 1, "same").transpose([0, 3, 1, 2]),
    [2, 3, 6, 5],
    [3, 3, 3, 4],
  ),
  "ZerosLike": same((x) => tf.add(x!, tf.zerosLike(x!)), [3, 4]),
};

const named = <T>(items: readonly T[], prefix = "x"): Record<string, T> =>
  Object.fromEntries(items.map((item, at) => [`${prefix}${at}`, item]));

/**
 * Axes of reductions moved in opset 18; with a cache of a few bytes every image is a part of its own; with a block images
 * are blocked where their channels allow it.
 */
const variants = [{ opset: 13 }, { opset: 18, cacheBytes: 64 }, { opset: 17, block: await blockSize() }];

for (const [name, { fn, shapes, from = (x: number) => x }] of Object.entries(cases)) {
  for (const options of variants) {
    const variant = `opset ${options.opset}${"block" in options ? ", for this machine" : ""}`;
    Deno.test(`lowering, ${variant}: ${name}`, async () => {
      const inputs = named(shapes.map((shape, at) => tf.tensor(randomArray(shape, at + 1).map(from), shape)));
      const wrapped: TensorFunction = (inputs) => named([fn(...Object.values(inputs))].flat(), "y");
      const expected = wrapped(inputs);
      const graph = trace(wrapped, named(shapes.map((shape) => ({ shape }))));
      const host = Object.fromEntries(
        Object.entries(inputs).map((
          [key, tensor],
        ) => [key, { shape: tensor.shape, data: tensor.dataSync() as Float32Array }]),
      );
      const actual = await runOnnx(toOnnx(graph, options), host);
      assert.deepEqual(Object.keys(actual), Object.keys(expected));
      for (const [key, tensor] of Object.entries(expected)) {
        assert.deepEqual(actual[key]!.shape, tensor.shape);
        assertClose(actual[key]!.data, tensor.dataSync(), 1e-5, key);
      }
    });
  }
}

// TensorFlow.js's CPU backend lets padding count into this gradient, though not into the average itself.
Deno.test("AvgPoolGrad with padding is the adjoint of AvgPool: <AvgPool(x), dy> = <x, AvgPoolGrad(dy)>", async () => {
  const pool = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 2, "same");
  const x = randomArray(image, 1), pooled = pool(tf.tensor(x, image));
  const dy = randomArray(pooled.shape, 2);
  const graph = trace(({ x, dy }) => ({ dx: tf.grad(pool)(x!, dy!) }), {
    x: { shape: image },
    dy: { shape: pooled.shape },
  });
  const { dx } = await runOnnx(toOnnx(graph), { x: { shape: image, data: x }, dy: { shape: pooled.shape, data: dy } });
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, at) => sum + x * b[at]!, 0);
  assertClose([dot(x, dx!.data)], [dot(pooled.dataSync(), dy)], 1e-5);
});

Deno.test("every entry of the lowering table has a test case", () => {
  const tested = Object.keys(cases).join(" ");
  assert.deepEqual(Object.keys(lowerings).filter((kernel) => !new RegExp(`\\b${kernel}\\b`).test(tested)), []);
});
