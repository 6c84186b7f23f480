import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { blockSize } from "../../../engine/block_size.ts";
import { openSession, ortTensors } from "../../../engine/onnxruntime.ts";
import { batchNormTraining } from "../../../model/batch_norm.ts";
import { type Graph, type Kernel, toOnnx, trace, type Value } from "../../../onnx/internal.ts";
import { applyPass, passes } from "../../../onnx/passes/mod.ts";
import { saveMemory } from "../../../onnx/passes/save_memory.ts";

const [batch, side, channels] = [4, 8, 32];
const image = { shape: [batch, side, side, channels] }, filter = { shape: [3, 3, channels, channels] };
const numbers = { shape: [channels] };
const inputs = { images: image, f: filter, g: filter, gamma: numbers, beta: numbers };

/** The gradients of two convolutions, with batch norm and ReLU between them and ReLU before them. */
const graph = trace(({ images, f, g, gamma, beta }) => {
  const convolve = (x: tf.Tensor4D, f: tf.Tensor) => tf.conv2d(x, f as tf.Tensor4D, 1, "same");
  const loss = (x: tf.Tensor, f: tf.Tensor, g: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor) => {
    const first = convolve(tf.relu(tf.exp(x) as tf.Tensor4D), f);
    const { y } = batchNormTraining(first, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-3);
    return tf.sum(tf.square(convolve(tf.relu(y), g))) as tf.Scalar;
  };
  const gradients = tf.grads(loss)([images!, f!, g!, gamma!, beta!]);
  return Object.fromEntries(gradients.map((gradient, at) => [`gradient${at}`, gradient]));
}, inputs);
const plain = passes.reduce(applyPass, graph), saving = saveMemory(plain);

const named = ({ kernels }: Graph, name: string) => kernels.filter((kernel) => kernel.name === name);

/** Tells whether a kernel cannot run before a value exists. */
function waits({ kernels }: Graph, kernel: Kernel, value: Value): boolean {
  const needed = new Set(Object.values(kernel.inputs));
  for (const { inputs, outputs } of kernels.toReversed()) {
    if (outputs.some((output) => needed.has(output))) Object.values(inputs).forEach((input) => needed.add(input));
  }
  return needed.has(value);
}

Deno.test("the gradient of an image waits for the gradient of the filter that reads the same gradient", () => {
  const ofImages = named(saving, "Conv2DBackpropInput");
  assert.equal(ofImages.length, 2);
  for (const kernel of ofImages) {
    const dy = kernel.inputs["dy"]!;
    const ofFilter = named(saving, "Conv2DBackpropFilter").find(({ inputs }) => inputs["dy"] === dy)!;
    assert(waits(saving, kernel, ofFilter.outputs[0]!));
    const before = named(plain, "Conv2DBackpropFilter").find(({ inputs }) => inputs["dy"] === dy)!;
    assert(!waits(plain, kernel, before.outputs[0]!));
  }
});

Deno.test("the images of filter gradients, and masks, wait for a gradient", () => {
  for (const { inputs } of named(saving, "Conv2DBackpropFilter")) {
    const producer = saving.kernels.find(({ outputs }) => outputs.includes(inputs["x"]!))!;
    assert(waits(saving, producer, inputs["dy"]!));
  }
  const [last] = named(saving, "Conv2DBackpropInput");
  for (const mask of named(saving, "Step")) assert(waits(saving, mask, last!.inputs["dy"]!));
});

Deno.test("an image after a batch norm is made again for the backward half", () => {
  const activated = (graph: Graph) => named(graph, "ScaleShift").filter(({ attributes }) => attributes["relu"]);
  assert.equal(activated(plain).length, 1);
  const [first, again] = activated(saving);
  assert.equal(again!.inputs["x"], first!.inputs["x"]);
  const readers = saving.kernels.filter(({ inputs }) => Object.values(inputs).includes(first!.outputs[0]!));
  assert.deepEqual(readers.map(({ name }) => name), ["Conv2D"]);
});

Deno.test("the values are the same to the bit", async () => {
  const random = (size: number, seed: number) => tf.randomUniform([size], -1, 1, "float32", seed).dataSync();
  const feeds = ortTensors(Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], at) => {
      const data = random(shape.reduce((a, b) => a * b), at + 1) as Float32Array;
      return [name, { shape, data }];
    }),
  ));
  const block = await blockSize();
  const results = await Promise.all([false, true].map(async (savesMemory) => {
    await using session = await openSession(toOnnx(graph, { block, savesMemory }), { intraOpNumThreads: 1 });
    const tensors = await session.run(feeds);
    return Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, data]));
  }));
  assert.deepEqual(results[1], results[0]);
});

Deno.test("a graph of unknown sizes keeps its order", () => {
  const shape = [null, side, side, channels];
  const unknown = trace(({ images, f }) => {
    const convolve = (f: tf.Tensor) =>
      tf.sum(tf.square(tf.conv2d(images as tf.Tensor4D, f as tf.Tensor4D, 1, "same"))) as tf.Scalar;
    return { gradient: tf.grad(convolve)(f!) };
  }, { images: { shape }, f: filter });
  assert.deepEqual(saveMemory(unknown).kernels.map(({ name }) => name), unknown.kernels.map(({ name }) => name));
});
