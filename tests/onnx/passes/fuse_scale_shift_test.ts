import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { fuseScaleShift } from "../../../onnx/passes/fuse_scale_shift.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { count, find, kernelNames, traceImages } from "../../support/trace_images.ts";

Deno.test("scale, shift, the sum with an image and the ReLU are one kernel", () => {
  const traced = traceImages(({ x, y, a, b }) => ({
    z: tf.relu(tf.add(tf.add(tf.mul(x!, a!), b!), tf.exp(y!))),
  }));
  const graph = applyPass(traced, fuseScaleShift);
  assert.deepEqual(kernelNames(graph), ["Exp", "ScaleShift"]);
  const { inputs, attributes } = find(graph, "ScaleShift"), { x, a, b } = graph.inputs;
  assert.deepEqual(inputs, { x, scale: a, shift: b, addend: find(graph, "Exp").outputs[0] });
  assert.equal(attributes["relu"], true);
});

Deno.test("factors of one image are multiplied with each other", () => {
  const graph = applyPass(traceImages(({ x, a, b }) => ({ z: tf.mul(tf.mul(x!, a!), b!) })), fuseScaleShift);
  assert.deepEqual(kernelNames(graph), ["Multiply", "ScaleShift"]);
  assert.deepEqual(find(graph, "Multiply").outputs[0]!.shape, [3]);
});

Deno.test("a shifted image that something else reads is not computed twice", () => {
  const traced = traceImages(({ x, a, b }) => {
    const shifted = tf.add(tf.mul(x!, a!), b!);
    return { shifted, z: tf.mul(shifted, b!) };
  });
  const graph = applyPass(traced, fuseScaleShift);
  assert.deepEqual(kernelNames(graph), ["ScaleShift", "ScaleShift"]);
  assert.equal(graph.kernels[1]!.inputs["x"], graph.outputs["shifted"]);
});

Deno.test("numbers of single pixels are not fused", () => {
  const traced = traceImages(({ x, y }) => ({ z: tf.mul(x!, tf.slice(y!, [0, 0, 0, 0], [1, 4, 4, 3])) }));
  assert.equal(count(applyPass(traced, fuseScaleShift), "ScaleShift"), 0);
});
