import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { initialise } from "../../model/initialise.ts";
import { conv2d, groupedConv2d } from "../../model/layers.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { shakeNet, shifted } from "../../model/shakenet.ts";
import { initialState } from "../../model/training_step.ts";
import { assertClose } from "../support/assert_close.ts";
import { randomTensor, useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();
const pass = (values: tf.NamedTensorMap) => ({ training: false, values, statistics: {} });

Deno.test("ShakeNet-26 2x32d has 2,923,162 trainable parameters", () => {
  const { variables, blocks } = shakeNet({ depth: 26, width: 32, branches: 2, classes: 10 });
  const sizes = variables.filter(({ kind }) => kind === "weight").map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  assert.equal(sizes.reduce((a, b) => a + b), 2_923_162);
  assert.equal(blocks.length, 12);
  assert.deepEqual(blocks.filter(({ stride }) => stride === 2).map(({ name }) => name), [
    "stage2/block1",
    "stage3/block1",
  ]);
});

Deno.test("ResNeXt-29 2x4x64d has the 34.4 million parameters of ResNeXt-29 8x64d (Xie et al. 2017, table 7)", () => {
  const { variables, blocks } = shakeResNeXt({ depth: 29, width: 64, groups: 4, branches: 2, classes: 10 });
  const sizes = variables.filter(({ kind }) => kind === "weight").map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  assert.equal((sizes.reduce((a, b) => a + b) / 1e6).toFixed(1), "34.4");
  assert.deepEqual([...new Set(blocks.map(({ filters }) => filters))], [256, 512, 1024]);
  assert.equal(blocks.length, 9);
});

Deno.test("a grouped convolution is a convolution whose filter is zero between groups", () => {
  const [inFilters, filters, groups] = [4, 6, 2];
  const kernel = randomTensor<tf.Rank.R4>([3, 3, inFilters / groups, filters], 1);
  const x = randomTensor<tf.Rank.R4>([2, 5, 4, inFilters], 2);
  const dense = tf.buffer([3, 3, inFilters, filters]);
  for (const [row, rows] of kernel.arraySync().entries()) {
    for (const [column, columns] of rows.entries()) {
      for (const [input, outputs] of columns.entries()) {
        for (const [output, value] of outputs.entries()) {
          const group = Math.floor(output / (filters / groups));
          dense.set(value, row, column, group * inFilters / groups + input, output);
        }
      }
    }
  }
  const layer = groupedConv2d("c", 3, inFilters, filters, groups, 2);
  assert.deepEqual(layer.variables[0]!.shape, kernel.shape);
  const expected = tf.conv2d(x, dense.toTensor() as tf.Tensor4D, 2, "same");
  assertClose(layer.apply(x, pass({ "c/kernel": kernel })).dataSync(), expected.dataSync(), 1e-5);
});

Deno.test("without skip connections a block is the sum of its branches; without batch norm a bias is in its place", () => {
  const options = { depth: 8, width: 2, branches: 2, classes: 3 };
  const names = (net: ReturnType<typeof shakeNet>) => net.variables.map(({ name }) => name);
  const plain = shakeNet({ ...options, skip: false, batchNorm: false });
  assert.deepEqual(names(plain).filter((name) => /skip|gamma|moving/.test(name)), []);
  assert.ok(names(plain).includes("stage1/block1/branch1/bn1/beta"));
  assert.deepEqual(plain.variables.filter(({ kind }) => kind === "statistic"), []);
  // Branches whose last convolution is zero leave their bias alone, whatever goes in.
  const values = Object.fromEntries(
    Object.entries(initialise(plain.variables, uniformNumbers)).map(([name, { data, shape }]) => [
      name,
      /block1\/branch\d\/conv2/.test(name)
        ? tf.zeros([...shape])
        : name.endsWith("bn2/beta")
        ? tf.fill([...shape], 0.25)
        : tf.tensor(data, [...shape]),
    ]),
  );
  const [a, b] = [1, 2].map((seed) => plain.logits(randomTensor([1, 8, 8, 3], seed), pass(values)).dataSync());
  assertClose(a!, b!, 1e-6);
});

Deno.test("every branch has weights of its own", () => {
  const names = shakeNet({ depth: 8, width: 2, branches: 3, classes: 10 }).variables.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.filter((name) => name.endsWith("conv1/kernel")).length, 9);
});

Deno.test("a depth that is not 6 k + 2 and an odd width are refused", () => {
  assert.throws(() => shakeNet({ depth: 9, width: 2, branches: 2, classes: 10 }), RangeError);
  assert.throws(() => shakeNet({ depth: 2, width: 2, branches: 2, classes: 10 }), RangeError);
  assert.throws(() => shakeNet({ depth: 8, width: 3, branches: 2, classes: 10 }), RangeError);
  assert.throws(() => shakeResNeXt({ depth: 26, width: 4, groups: 2, branches: 2, classes: 10 }), RangeError);
});

Deno.test("a convolution of stride 2 on an even side pads at the bottom and right only", () => {
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [1, 4, 4, 1]);
  const y = conv2d("c", 3, 1, 1, 2).apply(image, pass({ "c/kernel": tf.ones([3, 3, 1, 1]) }));
  // Windows at rows and columns 0 and 2: the sums of 3x3, 3x2, 2x3 and 2x2 pixels.
  assert.deepEqual([...y.dataSync()], [54, 45, 72, 54]);
});

Deno.test("the second path of a skip connection sees the image shifted by one pixel", () => {
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  assert.deepEqual([...shifted(image).dataSync()], [5, 6, 0, 8, 9, 0, 0, 0, 0]);
});

Deno.test("weights begin Glorot-uniform, biases at 0.1, batch norm at 1, 0, 0 and 1", () => {
  const net = shakeNet({ depth: 8, width: 16, branches: 2, classes: 10 });
  const initial = initialise(net.variables, uniformNumbers);
  const kernel = initial["stage1/block1/branch1/conv2/kernel"]!;
  assert.deepEqual(kernel.shape, [3, 3, 16, 16]);
  const limit = Math.sqrt(6 / (9 * 16 + 9 * 16));
  const variance = kernel.data.reduce((sum, x) => sum + x * x, 0) / kernel.data.length;
  assert.ok(kernel.data.every((x) => Math.abs(x) <= limit));
  assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.06, `${variance}`);
  const bn = (part: string) => initial[`stem/bn/${part}`]!.data[0];
  assert.deepEqual([initial["dense/bias"]!.data[0], bn("gamma"), bn("beta"), bn("movingMean"), bn("movingVariance")], [
    Math.fround(0.1),
    1,
    0,
    0,
    1,
  ]);
});

Deno.test("the state holds weights, their momentum at 0, and statistics", () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
  const state = initialState(net, initialise(net.variables, uniformNumbers));
  assert.deepEqual(state["momentum/dense/bias"], { shape: [3], data: new Float32Array(3) });
  assert.ok(state["weights/dense/bias"] && state["statistics/stem/bn/movingMean"]);
  assert.equal("momentum/stem/bn/movingMean" in state, false);
});

Deno.test("without factors the branches count equally", () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
  const tensors = Object.fromEntries(
    Object.entries(initialise(net.variables, uniformNumbers)).map((
      [name, { data, shape }],
    ) => [name, tf.tensor(data, [...shape])]),
  );
  const images = randomTensor<tf.Rank.R4>([2, 32, 32, 3], 1);
  const half = tf.fill([net.blocks.length, 2, 2], 0.5) as tf.Tensor3D;
  const plain = net.logits(images, pass(tensors));
  const weighed = net.logits(images, { ...pass(tensors), factors: { alpha: half, beta: half } });
  assertClose(plain.dataSync(), weighed.dataSync(), 1e-5);
});
