import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { groupConvolutions } from "../../../onnx/passes/group_convolutions.ts";
import { applyPass } from "../../../onnx/passes/rewrite.ts";
import { randomTensor } from "../../support/eager.ts";
import { trace } from "../../../onnx/internal.ts";
import { convolve, find, kernelNames } from "../../support/trace_images.ts";

const image = { shape: [2, 4, 4, 6] }, filter = { shape: [3, 3, 2, 6] };

const grouped = (x: tf.Tensor, f: tf.Tensor, order = [0, 1, 2]) => {
  const [parts, filters] = [tf.split(x, 3, 3), tf.split(f, 3, 3)];
  return tf.concat(order.map((part, at) => convolve(parts[part]!, filters[at]!)), 3);
};

Deno.test("convolutions of all parts of an image, concatenated, become one grouped convolution", () => {
  const graph = applyPass(trace(({ x, f }) => ({ y: grouped(x!, f!) }), { x: image, f: filter }), groupConvolutions);
  assert.deepEqual(kernelNames(graph), ["GroupedConv2D"]);
  const { inputs, attributes } = find(graph, "GroupedConv2D");
  assert.deepEqual(inputs, { x: graph.inputs["x"], filter: graph.inputs["f"] });
  assert.equal(attributes["groups"], 3);
});

Deno.test("parts of a constant filter are joined in their order", () => {
  const f = randomTensor(filter.shape, 1);
  const graph = applyPass(trace(({ x }) => ({ y: grouped(x!, f) }), { x: image }), groupConvolutions);
  assert.deepEqual(find(graph, "GroupedConv2D").inputs["filter"]!.constant, f.dataSync());
});

Deno.test("convolutions of parts in another order stay apart", () => {
  const traced = trace(({ x, f }) => ({ y: grouped(x!, f!, [1, 0, 2]) }), { x: image, f: filter });
  assert.deepEqual(kernelNames(applyPass(traced, groupConvolutions)), kernelNames(traced));
});
