import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import type { Graph } from "../../../onnx/internal.ts";
import { commonSubexpressions } from "../../../onnx/passes/common_subexpressions.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { simplifyGradients } from "../../../onnx/passes/simplify_gradients.ts";
import { convolve, count, find, kernelNames, traceImages } from "../../support/trace_images.ts";

const simplified = (traced: Graph) => [commonSubexpressions, simplifyGradients].reduce(applyPass, traced);

/** The gradient of two convolutions of one ReLU, and of another function of the ReLU's input: three paths meet there. */
const meeting = traceImages(({ x, f, g, y: dy }) => {
  const { value, grad } = tf.valueAndGrad((x) => {
    const [one, other] = [f!, g!].map((filter) => tf.sum(tf.mul(convolve(tf.relu(x), filter), dy!)));
    return tf.add(tf.add(one!, tf.sum(tf.exp(x))), other!);
  })(x!);
  return { value, grad };
});

Deno.test("gradients that meet behind a ReLU are summed before its mask, and within their convolutions", () => {
  const graph = simplified(meeting);
  assert.equal(count(graph, "Conv2DBackpropInput"), 0);
  assert.equal(count(graph, "SumOfConv2DBackpropInput"), 1);
  const step = find(graph, "Step");
  const mask = graph.kernels.find(({ name, inputs }) => name === "Cast" && inputs["x"] === step.outputs[0])!;
  const masked = graph.kernels.filter(({ inputs }) => Object.values(inputs).includes(mask.outputs[0]!));
  assert.deepEqual(masked.map(({ name }) => name), ["Multiply"]);
});

Deno.test("the gradient of a ReLU reads the ReLU's result", () => {
  const graph = simplified(meeting);
  assert.equal(find(graph, "Step").inputs["x"], find(graph, "Relu").outputs[0]);
});

Deno.test("a product that something else reads keeps its factor", () => {
  const traced = traceImages(({ x, y }) => {
    const [one, other] = [tf.mul(tf.exp(x!), y!), tf.mul(tf.sqrt(x!), y!)];
    return { sum: tf.add(one, other), one };
  });
  assert.deepEqual(kernelNames(simplified(traced)), kernelNames(traced));
});

Deno.test("a common factor that is no mask stays: a sum of infinities would lose the NaN of infinity times 0", () => {
  const traced = traceImages(({ x, y }) => ({ z: tf.add(tf.mul(tf.exp(y!), x!), tf.mul(tf.sin(y!), x!)) }));
  assert.deepEqual(kernelNames(simplified(traced)), kernelNames(traced));
});
