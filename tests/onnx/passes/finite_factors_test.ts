import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { factorOutScales } from "../../../onnx/passes/factor_out_scales.ts";
import { ofFiniteFactors } from "../../../onnx/passes/finite_factors.ts";
import { fuseScaleShift } from "../../../onnx/passes/fuse_scale_shift.ts";
import { exactPasses } from "../../../onnx/passes/mod.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { useCpu } from "../../support/eager.ts";
import { evaluateGraph } from "../../support/evaluate_graph.ts";
import { convolve, kernelNames, traceImages } from "../../support/trace_images.ts";

await useCpu();

const normalised = (a: tf.Tensor) => traceImages(({ x, b }) => ({ z: tf.mul(tf.sub(x!, b!), a) }));
const fused = ofFiniteFactors(fuseScaleShift);

Deno.test("a finite constant moves into a shifted image", () => {
  assert.deepEqual(kernelNames(applyPass(normalised(tf.tensor1d([1, 2, 3])), fused)), [
    "Neg",
    "Multiply",
    "ScaleShift",
  ]);
});

Deno.test("an infinite constant stays behind a shifted image", () => {
  const graph = applyPass(normalised(tf.tensor1d([1, Infinity, 3])), fused);
  assert.deepEqual(kernelNames(graph), ["Neg", "ScaleShift", "ScaleShift"]);
});

Deno.test("without finite factors a gradient's scale stays in the filter's gradient", () => {
  const traced = traceImages(({ x, f, a, y }) => ({
    df: tf.grad((f) => tf.sum(tf.mul(tf.mul(convolve(x!, f), a!), y!)))(f!),
  }));
  const graph = [fused, ofFiniteFactors(factorOutScales)].reduce(applyPass, traced);
  assert.equal(kernelNames(graph).at(-1), "Conv2DBackpropFilter");
});

const infinite: Readonly<Record<string, (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor>> = {
  "a shifted image": ({ x, a, b }) => tf.mul(tf.sub(x!, b!), a!),
  "a sum over pixels": ({ x, a }) => tf.sum(tf.mul(x!, a!), [1, 2]),
  "a sum over pixels of two images": ({ x, y, a }) => tf.sum(tf.mul(tf.mul(x!, a!), y!), [1, 2]),
  "a filter's gradient": ({ x, y, f, a }) => tf.grad((f) => tf.sum(tf.mul(tf.mul(convolve(x!, f), a!), y!)))(f!),
};

for (const [name, fn] of Object.entries(infinite)) {
  Deno.test(`infinite numbers per channel: ${name}`, () => {
    const image = (from: number) => tf.linspace(from, from + 4, 2 * 4 * 4 * 3).reshape([2, 4, 4, 3]);
    const inputs = {
      x: image(-1),
      y: image(-3),
      f: tf.ones([3, 3, 3, 3]),
      g: tf.ones([3, 3, 3, 3]),
      a: tf.tensor1d([Infinity, 2, -Infinity]),
      b: tf.tensor1d([1.5, 1, 0.5]),
    };
    const graph = exactPasses.reduce(applyPass, traceImages((inputs) => ({ z: fn(inputs) })));
    assert.deepEqual(evaluateGraph(graph, inputs)["z"]!.arraySync(), fn(inputs).arraySync());
  });
}
