/** Quantisation against its formulas, and a quantised model against one that computes on integers by hand. */
import { fromBinary } from "@bufbuild/protobuf";
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { planQuantisation, type Range, toOnnx, trace } from "../../../onnx/internal.ts";
import { affine, quantiseKernel } from "../../../onnx/edits/quantise.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { operators } from "../../support/operators.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

/** Two convolutions with biases and a ReLU between them, whose result is added to the image. */
const shape = [2, 3, 6, 6], filters = [3, 3, 3, 4] as const;
const kernels = [randomArray(filters, 1), randomArray([3, 3, 4, 3], 2)] as const;
const biases = [randomArray([4], 3), randomArray([3], 4)] as const;

function network(image: tf.Tensor, quantised: (x: tf.Tensor, name: "x" | "first" | "second") => tf.Tensor) {
  const x = quantised(tf.transpose(image as tf.Tensor4D, [0, 2, 3, 1]), "x") as tf.Tensor4D;
  const convolve = (x: tf.Tensor, kernel: Float32Array, shape: readonly number[], bias: Float32Array) =>
    tf.add(
      tf.conv2d(x as tf.Tensor4D, tf.tensor4d(kernel, shape as [number, number, number, number]), 1, "same"),
      bias,
    );
  const first = quantised(tf.relu(convolve(x, kernels[0], filters, biases[0])), "first");
  const second = quantised(convolve(first, kernels[1], [3, 3, 4, 3], biases[1]), "second");
  return { convolve, x, first, second };
}

const model = toOnnx(trace(({ image }) => {
  const { x, second } = network(image!, (x) => x);
  return { y: tf.add(x, second) };
}, { image: { shape: [null, ...shape.slice(1)] } }));

async function ranges(images: Float32Array) {
  const plan = planQuantisation(model);
  const observed = await runOnnx(plan.observing, { image: { shape, data: images } });
  const all = { ...observed, image: { shape, data: images } } as Record<string, { data: Float32Array }>;
  const rangeOf = ({ data }: { data: Float32Array }): Range => ({ min: Math.min(...data), max: Math.max(...data) });
  return { plan, ranges: new Map(plan.observed.map((name) => [name, rangeOf(all[name]!)])) };
}

Deno.test("a range is mapped to 0 to 255 with 0 on a whole number", () => {
  assert.deepEqual(affine({ min: -1, max: 1.55 }), { scale: Math.fround(0.01), zeroPoint: 100 });
  assert.deepEqual(
    affine({ min: -1.056, max: 1.494 }),
    { scale: Math.fround(0.01), zeroPoint: 106 },
    "the nearest one",
  );
  assert.deepEqual(affine({ min: 0, max: 25.5 }), { scale: Math.fround(0.1), zeroPoint: 0 });
  assert.deepEqual(affine({ min: 3, max: 5.1 }), { scale: Math.fround(0.02), zeroPoint: 0 }, "0 is always in it");
  assert.deepEqual(affine({ min: -5.1, max: -3 }), { scale: Math.fround(0.02), zeroPoint: 255 });
  assert.deepEqual(affine({ min: 0, max: 0 }), { scale: 1, zeroPoint: 0 }, "a value that is always 0 has a scale too");
});

Deno.test("a kernel has a scale for every filter, symmetric, and is off by half of it at most", () => {
  const kernel = Float32Array.of(0.5, -1, 0.25, 0, 0, 0, 127, 1, -64);
  const { kernel: integers, scales } = quantiseKernel(kernel, 3, 127);
  assertClose(scales, [1 / 127, 1, 1], 1e-7);
  assert.deepEqual([...integers], [64, -127, 32, 0, 0, 0, 127, 1, -64]);
  assert.deepEqual([...quantiseKernel(kernel, 3, 63).kernel.slice(0, 3)], [32, -63, 16], "7 bits");
});

Deno.test("a quantised model computes what its integers say", async () => {
  const images = randomArray(shape, 5);
  const { plan, ranges: observed } = await ranges(images);
  // Machines without VNNI overflow above 63.
  const greatest = 63;
  const quantised = plan.quantise(observed, { greatest });
  const [image, first, second] = plan.observed.map((name) => affine(observed.get(name)!));
  const rounded = (x: tf.Tensor, { scale, zeroPoint }: { scale: number; zeroPoint: number }) =>
    tf.mul(tf.sub(tf.clipByValue(tf.add(tf.round(tf.div(x, scale)), zeroPoint), 0, 255), zeroPoint), scale);
  const wholeKernel = (kernel: Float32Array, filters: number) => {
    const scale = tf.div(tf.max(tf.abs(tf.reshape(kernel, [-1, filters])), 0), greatest);
    return tf.mul(tf.round(tf.div(tf.reshape(kernel, [-1, filters]), scale)), scale).dataSync() as Float32Array;
  };
  const x = rounded(tf.transpose(tf.tensor4d(images, shape as [number, number, number, number]), [0, 2, 3, 1]), image!);
  const convolve = (x: tf.Tensor, kernel: Float32Array, shape: readonly number[], bias: Float32Array) =>
    tf.add(
      tf.conv2d(x as tf.Tensor4D, tf.tensor4d(kernel, shape as [number, number, number, number]), 1, "same"),
      bias,
    );
  const hidden = rounded(convolve(x, wholeKernel(kernels[0], 4), filters, biases[0]), first!);
  const branch = rounded(convolve(hidden, wholeKernel(kernels[1], 3), [3, 3, 4, 3], biases[1]), second!);
  const original = tf.transpose(tf.tensor4d(images, shape as [number, number, number, number]), [0, 2, 3, 1]);
  const { y } = await runOnnx(quantised, { image: { shape, data: images } });
  // A sum of the integer model may be rounded to the number next to the one that floats round to.
  assertClose(y!.data as Float32Array, tf.add(original, branch).dataSync(), 1.01 * second!.scale);
  const { y: float } = await runOnnx(model, { image: { shape, data: images } });
  assertClose(y!.data as Float32Array, float!.data as Float32Array, 0.2);
});

Deno.test("biases are in the convolutions, ReLUs between them are gone, weights are bytes", async () => {
  const { plan, ranges: observed } = await ranges(randomArray(shape, 5));
  const quantised = plan.quantise(observed);
  const pair = ["QuantizeLinear", "DequantizeLinear"];
  const constants = ["DequantizeLinear", "DequantizeLinear"];
  assert.deepEqual(operators(quantised).filter((name) => name !== "Transpose"), [
    ...[...pair, ...constants, "Conv", ...pair],
    ...[...constants, "Conv", ...pair],
    "Add",
  ]);
  const { initializer, node } = fromBinary(ModelProtoSchema, quantised).graph!;
  const floats = (name: string) =>
    new Float32Array(initializer.find((tensor) => tensor.name === name)!.rawData.slice().buffer);
  const scaleOf = (value: string) => floats(node.find(({ output }) => output[0] === value)!.input[1]!);
  for (const { input: [image, kernel, bias] } of node.filter(({ opType }) => opType === "Conv")) {
    const [own] = scaleOf(image!);
    assertClose(scaleOf(bias!), scaleOf(kernel!).map((scale) => scale * own!), 1e-7, "scale of a bias");
  }
  const bytes = initializer.filter(({ dims }) => dims.length === 4).map(({ rawData }) => rawData.length);
  assert.deepEqual(bytes, [108, 108]);
});

Deno.test("a convolution that another node reads too keeps its sum and its addition", async () => {
  const shared = toOnnx(trace(({ image }) => {
    const x = tf.transpose(image as tf.Tensor4D, [0, 2, 3, 1]);
    const sum = tf.conv2d(x, tf.tensor4d(kernels[0], [...filters]), 1, "same");
    return { y: tf.add(sum, biases[0]), z: tf.relu(sum) };
  }, { image: { shape } }));
  const { observing } = planQuantisation(shared);
  const image = { shape, data: randomArray(shape, 5) };
  const [before, after] = [await runOnnx(shared, { image }), await runOnnx(observing, { image })];
  for (const name of ["y", "z"]) {
    assertClose(after[name]!.data as Float32Array, before[name]!.data as Float32Array, 1e-5, name);
  }
});

Deno.test("nodes have names of their own, also where a convolution has no bias", async () => {
  await useCpu();
  const bare = toOnnx(trace(
    ({ image }) => ({ y: tf.conv2d(image as tf.Tensor4D, tf.tensor4d(kernels[0], [...filters]), 1, "same") }),
    { image: { shape: [2, 6, 6, 3] } },
  ));
  const plan = planQuantisation(bare);
  const model = plan.quantise(new Map(plan.observed.map((name) => [name, { min: -1, max: 1 }])));
  const names = fromBinary(ModelProtoSchema, model).graph!.node.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `${names}`);
});
