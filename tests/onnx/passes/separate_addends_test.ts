import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import type { Graph } from "../../../onnx/internal.ts";
import { fuseScaleShift } from "../../../onnx/passes/fuse_scale_shift.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { separateAddends } from "../../../onnx/passes/separate_addends.ts";
import { kernelNames, traceImages } from "../../support/trace_images.ts";

const separated = (traced: Graph) => [fuseScaleShift, separateAddends].reduce(applyPass, traced);

Deno.test("an addend that is read later is added by a kernel of its own", () => {
  const graph = separated(traceImages(({ x, a }) => {
    const y = tf.exp(x!);
    return { sum: tf.relu(tf.add(tf.mul(x!, a!), y)), later: tf.sqrt(y) };
  }));
  assert.deepEqual(kernelNames(graph), ["Exp", "ScaleShift", "Add", "Relu", "Sqrt"]);
});

Deno.test("an addend that nothing reads later stays in the kernel", () => {
  const graph = separated(traceImages(({ x, a }) => ({ sum: tf.add(tf.mul(x!, a!), tf.exp(x!)) })));
  assert.deepEqual(kernelNames(graph), ["Exp", "ScaleShift"]);
});

Deno.test("an addend that is an output of the graph is added by a kernel of its own", () => {
  const graph = separated(traceImages(({ x, a }) => {
    const y = tf.exp(x!);
    return { y, sum: tf.add(tf.mul(x!, a!), y) };
  }));
  assert.deepEqual(kernelNames(graph), ["Exp", "ScaleShift", "Add"]);
});
