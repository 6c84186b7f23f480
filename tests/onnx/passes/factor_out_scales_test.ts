import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import type { Graph } from "../../../onnx/internal.ts";
import { factorOutScales } from "../../../onnx/passes/factor_out_scales.ts";
import { fuseScaleShift } from "../../../onnx/passes/fuse_scale_shift.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { convolve, count, find, kernelNames, traceImages } from "../../support/trace_images.ts";

const factored = (traced: Graph) => [fuseScaleShift, factorOutScales].reduce(applyPass, traced);

Deno.test("numbers per channel of a gradient go into the filter of its convolution", () => {
  const graph = factored(traceImages(({ x, f, a, y }) => {
    const [dx, df] = tf.grads((x, f) => tf.sum(tf.mul(tf.mul(convolve(x, f), a!), y!)))([x!, f!]);
    return { dx: dx!, df: df! };
  }));
  assert.equal(count(graph, "ScaleShift"), 0);
  const back = find(graph, "Conv2DBackpropInput");
  const scaled = graph.kernels.find(({ outputs }) => outputs[0] === back.inputs["filter"])!;
  assert.deepEqual(scaled.inputs, { a: graph.inputs["f"], b: graph.inputs["a"] });
});

Deno.test("a sum over pixels of a product of images does not make the product", () => {
  const graph = factored(traceImages(({ x, y, a }) => ({ z: tf.sum(tf.mul(tf.mul(x!, a!), y!), [0, 1, 2]) })));
  assert.deepEqual(kernelNames(graph), ["SumOfProducts", "Multiply", "Sum"]);
});

Deno.test("a sum over other axes stays as it is", () => {
  const traced = traceImages(({ x }) => ({ z: tf.sum(tf.square(x!), [1, 3]) }));
  assert.deepEqual(kernelNames(factored(traced)), ["Square", "Sum"]);
});
