/** Which kernels the rewrites of a graph leave; that they compute the same is in `lowerings_test.ts`. */
import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { commonSubexpressions } from "../../../onnx/passes/common_subexpressions.ts";
import { scaleAndShift } from "../../../onnx/passes/fuse_scale_shift.ts";
import { simplifyGradients } from "../../../onnx/passes/simplify_gradients.ts";
import { type Graph, type TensorFunction, trace } from "../../../onnx/internal.ts";

const image = { shape: [2, 4, 4, 3] }, filter = { shape: [3, 3, 3, 3] }, numbers = { shape: [3] };

const count = ({ kernels }: Graph, name: string): number => kernels.filter((kernel) => kernel.name === name).length;
const convolve = (x: tf.Tensor, f: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same");

Deno.test("what is computed twice stands once, also as an output", () => {
  const twice: TensorFunction = ({ x }) => ({ a: tf.exp(tf.relu(x!)), b: tf.relu(x!), c: tf.exp(tf.relu(x!)) });
  const graph = commonSubexpressions(trace(twice, { x: image }));
  assert.deepEqual(graph.kernels.map(({ name }) => name), ["Relu", "Exp"]);
  assert.deepEqual(Object.keys(graph.outputs), ["a", "b", "c"]);
  assert.equal(graph.outputs["a"], graph.outputs["c"]);
});

Deno.test("kernels of other attributes are others", () => {
  const axes: TensorFunction = ({ x }) => ({ a: tf.sum(x!, 1), b: tf.sum(x!, 2) });
  assert.equal(count(commonSubexpressions(trace(axes, { x: image })), "Sum"), 2);
});

/** Two convolutions of one ReLU, and a function of its own of what goes into that, whose gradients meet there. */
const meeting: TensorFunction = ({ x, f, g, dy }) => {
  const { value, grad } = tf.valueAndGrad((x) => {
    const [one, other] = [f!, g!].map((filter) => tf.sum(tf.mul(convolve(tf.relu(x), filter), dy!)));
    return tf.add(tf.add(one!, tf.sum(tf.exp(x))), other!);
  })(x!);
  return { value, grad };
};

Deno.test("gradients that meet behind a ReLU are summed before its mask, and within their convolutions", () => {
  const traced = trace(meeting, { x: image, f: filter, g: filter, dy: image });
  const graph = simplifyGradients(commonSubexpressions(traced));
  assert.equal(count(graph, "Conv2DBackpropInput"), 0);
  assert.equal(count(graph, "SumOfConv2DBackpropInput"), 1);
  const step = graph.kernels.find(({ name }) => name === "Step")!;
  const mask = graph.kernels.find(({ name, inputs }) => name === "Cast" && inputs["x"] === step.outputs[0])!;
  const masked = graph.kernels.filter(({ inputs }) => Object.values(inputs).includes(mask.outputs[0]!));
  assert.deepEqual(masked.map(({ name }) => name), ["Multiply"]);
});

Deno.test("the gradient of a ReLU reads its result", () => {
  const graph = simplifyGradients(commonSubexpressions(trace(meeting, { x: image, f: filter, g: filter, dy: image })));
  const step = graph.kernels.find(({ name }) => name === "Step")!;
  const relu = graph.kernels.find(({ name }) => name === "Relu")!;
  assert.equal(step.inputs["x"], relu.outputs[0]);
});

Deno.test("numbers per channel of a gradient go into the filter of its convolution", () => {
  const gradients: TensorFunction = ({ x, f, a, w }) => {
    const [dx, df] = tf.grads((x, f) => tf.sum(tf.mul(tf.mul(convolve(x, f), a!), w!)))([x!, f!]);
    return { dx: dx!, df: df! };
  };
  const graph = scaleAndShift(trace(gradients, { x: image, f: filter, a: numbers, w: image }));
  assert.equal(count(graph, "ScaleShift"), 0);
  const back = graph.kernels.find(({ name }) => name === "Conv2DBackpropInput")!;
  const scaled = graph.kernels.find(({ outputs }) => outputs[0] === back.inputs["filter"])!;
  assert.deepEqual(scaled.inputs, { a: graph.inputs["f"], b: graph.inputs["a"] });
});

Deno.test("an image that is read later is not added in place", () => {
  const sums: TensorFunction = ({ x, a }) => {
    const y = tf.exp(x!);
    const sum = tf.add(tf.mul(x!, a!), y);
    return { sum, later: tf.sqrt(y) };
  };
  const graph = scaleAndShift(trace(sums, { x: image, a: numbers }));
  assert.deepEqual(graph.kernels.map(({ name }) => name).toSorted(), ["Add", "Exp", "ScaleShift", "Sqrt"]);
  const last: TensorFunction = ({ x, a }) => ({ sum: tf.add(tf.mul(x!, a!), tf.exp(x!)) });
  assert.deepEqual(scaleAndShift(trace(last, { x: image, a: numbers })).kernels.map(({ name }) => name).toSorted(), [
    "Exp",
    "ScaleShift",
  ]);
});
