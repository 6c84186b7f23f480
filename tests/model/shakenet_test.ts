import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { initialise } from "../../model/initialise.ts";
import { shakeResNeXt } from "../../model/shake_resnext.ts";
import { shakeNet, shifted } from "../../model/shakenet.ts";
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

Deno.test("the second path of a skip connection sees the image shifted by one pixel", () => {
  const image = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
  assert.deepEqual([...shifted(image).dataSync()], [5, 6, 0, 8, 9, 0, 0, 0, 0]);
});
