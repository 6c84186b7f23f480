import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace, TraceError } from "../../../onnx/internal.ts";
import { assertClose } from "../../support/assert_close.ts";
import { useCpu } from "../../support/eager.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();

interface Case {
  readonly fn: (x: tf.Tensor) => tf.Tensor;
  readonly shape: (number | null)[];
  readonly sizes: number[][];
}

const right: Readonly<Record<string, Case>> = {
  "a mean over an unknown size, and its gradient": {
    fn: (x) => tf.add(tf.grad((x) => tf.mean(tf.square(x)))(x), tf.mean(x, 0)),
    shape: [null, 3],
    sizes: [[1, 3], [4, 3], [6, 3]],
  },
  "numbers made of sizes": {
    fn: (x) => tf.mul(tf.div(x, x.shape[0]!), tf.scalar(x.shape[0]! * x.shape[1]! + 1)),
    shape: [null, null],
    sizes: [[3, 2], [4, 5]],
  },
  "a mean over two unknown sizes whose products are equal in two traces, and its gradient": {
    fn: (x) => tf.grad((x) => tf.sum(tf.square(tf.mean(x, [1, 2]))))(x),
    shape: [null, null, null],
    sizes: [[1, 3, 2], [2, 1, 5]],
  },
  "tensors that are filled with numbers made of sizes": {
    fn: (x) => tf.add(tf.mul(x, tf.fill(x.shape, 1 / x.shape[0]!)), tf.fill([2], x.shape[0]! * 2 - 1, "int32")),
    shape: [null, 2],
    sizes: [[1, 2], [3, 2], [7, 2]],
  },
  "an identity matrix, wider than high and higher than wide": {
    fn: (x) => tf.add(tf.matMul(tf.eye(x.shape[0]!), x), tf.eye(x.shape[0]!, 4)),
    shape: [null, 4],
    sizes: [[1, 4], [4, 4], [6, 4]],
  },
  "a constant that repeats a row for each row of the input": {
    fn: (x) => tf.mul(x, tf.tensor2d(Array.from({ length: x.shape[0]! }, () => [1, 2, 3]))),
    shape: [null, 3],
    sizes: [[1, 3], [4, 3]],
  },
  "a range that starts below 0": {
    fn: (x) => tf.add(x, tf.range(-3, x.shape[0]! - 3)),
    shape: [null],
    sizes: [[1], [5]],
  },
  "a range that runs backwards by its default step": {
    fn: (x) => tf.add(tf.range(0, 1 - x.shape[0]!), tf.slice(x, [1])),
    shape: [null],
    sizes: [[2], [3], [8]],
  },
  "all elements in their order": {
    fn: (x) => tf.topk(x, x.shape[1]!).values,
    shape: [null, null],
    sizes: [[1, 3], [2, 5], [2, 1]],
  },
  "one-hot rows of a width that is a size": {
    fn: (x) => tf.oneHot(tf.cast(tf.abs(x), "int32"), x.shape[0]!),
    shape: [null],
    sizes: [[2], [5]],
  },
  "the gradient of a gather along an unknown axis": {
    fn: (x) => tf.grad((x) => tf.sum(tf.square(tf.gather(x, tf.tensor1d([0, 1, 0], "int32")))))(x),
    shape: [null, 2],
    sizes: [[2, 2], [5, 2]],
  },
  "the gradients of repetitions, and of gathers in batches, of unknown number": {
    fn: (x) =>
      tf.grad((x) => {
        const token = tf.tile(tf.slice(x, [0, 0], [1, -1]), [x.shape[0]!, 2]);
        const rows = tf.gather(x, tf.zeros([x.shape[0]!, 3], "int32"), 1, 1);
        return tf.add(tf.sum(tf.square(token)), tf.sum(tf.mul(x, rows)));
      })(x),
    shape: [null, 3],
    sizes: [[1, 3], [4, 3]],
  },
  "ones in the shape of a tensor": {
    fn: (x) => tf.concat([tf.ones([x.shape[0]!, 1]), tf.onesLike(x), tf.zerosLike(x)], 1),
    shape: [null, 2],
    sizes: [[1, 2], [5, 2]],
  },
  "a reshape to two unknown sizes, and a slice from an unknown place": {
    fn: (x) => {
      const [batch, length, width] = x.shape as [number, number, number];
      const halves = tf.reshape(x, [batch, length, width / 2, 2]);
      return tf.slice(tf.transpose(halves, [0, 2, 1, 3]), [0, 0, length - 1, 0], [-1, -1, 1, -1]);
    },
    shape: [null, null, 4],
    sizes: [[1, 3, 4], [5, 2, 4], [2, 1, 4]],
  },
  "same padding with stride 2 of even and odd sides": {
    fn: (x) => tf.conv2d(x as tf.Tensor4D, tf.ones([3, 3, 2, 1]) as tf.Tensor4D, 2, "same"),
    shape: [null, null, null, 2],
    sizes: [[1, 4, 5, 2], [2, 5, 4, 2], [1, 1, 2, 2]],
  },
  "a valid window that fits into no small image": {
    fn: (x) => tf.maxPool(x as tf.Tensor4D, 6, 2, "valid"),
    shape: [null, null, null, 1],
    sizes: [[1, 6, 7, 1], [2, 11, 9, 1], [1, 5, 8, 1], [1, 8, 5, 1]],
  },
  "a strided slice that only a short axis fills": {
    fn: (x) => tf.stridedSlice(x, [0], [-2], [-2]),
    shape: [null],
    sizes: [[1], [2], [3], [8]],
  },
  "strided slices that end where their axes end": {
    fn: (x) =>
      tf.add(
        tf.stridedSlice(x, [0, 0, 1], [x.shape[0]!, x.shape[1]!, 4], [1, 2, 2]),
        tf.stridedSlice(x, [-1, 0], [-99, x.shape[1]!], [-1, 2]).slice([0, 0, 0], [-1, -1, 2]),
      ),
    shape: [null, null, 4],
    sizes: [[1, 1, 4], [2, 5, 4], [5, 2, 4]],
  },
  "a strided slice behind some sizes": {
    fn: (x) => tf.stridedSlice(x, [6], [0], [1], 0, 1),
    shape: [null],
    sizes: [[1], [5], [6], [7], [9]],
  },
};

for (const [what, { fn, shape, sizes }] of Object.entries(right)) {
  Deno.test(`${what} are right at every size`, async () => {
    const model = toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape } }));
    for (const size of sizes) {
      const data = randomArray(size, 3), expected = fn(tf.tensor(data, size));
      const { y } = await runOnnx(model, { x: { shape: size, data } });
      assert.deepEqual(y!.shape, expected.shape);
      assertClose(y!.data, expected.dataSync(), 1e-5, `${size}`);
    }
  });
}

/** A matrix of ones on the diagonal. */
const diagonal = (size: number, beside: number) =>
  Array.from({ length: size }, (_, row) => Array.from({ length: size }, (_, column) => row === column ? 1 : beside));

const refused: Readonly<Record<string, { fn: (x: tf.Tensor) => tf.Tensor; says: RegExp }>> = {
  "a strided slice that is empty at every size that is traced": {
    fn: (x) => tf.stridedSlice(x, [2000], [0], [1], 0, 1),
    says: /elements only at some sizes/,
  },
  "a strided slice that ends behind a size": {
    fn: (x) => tf.stridedSlice(x, [0], [x.shape[0]! - 1], [2]),
    says: /^attribute end of tf\.stridedSlice depends on a dynamic dimension/,
  },
  "a strided slice that ends where another axis ends": {
    fn: (x) => tf.stridedSlice(tf.tile(tf.expandDims(x), [5000, 1]), [0, 0], [x.shape[0]!, 9], [2, 1]),
    says: /^attribute end of tf\.stridedSlice depends on a dynamic dimension/,
  },
  "a constant of other elements": {
    fn: (x) => tf.add(x, tf.tensor1d(Array.from({ length: x.shape[0]! }, (_, at) => Math.sin(at)))),
    says: /^tf\.add reads a constant that depends on a dynamic dimension/,
  },
  "a matrix with ones on the diagonal and negative zeros": {
    fn: (x) => tf.div(x, tf.tensor2d(diagonal(x.shape[0]!, -0))),
    says: /^tf\.div reads a constant that depends on a dynamic dimension/,
  },
  "an attribute that is another special number": {
    fn: (x) => tf.pad(x, [[1, 1]], x.shape[0]! % 2 === 0 ? Infinity : NaN),
    says: /attribute constantValue of tf\.pad depends on a dynamic dimension/,
  },
  "a number that is no formula of sizes": {
    fn: (x) => tf.mul(x, Math.sqrt(x.shape[0]!)),
    says: /^tf\.mul reads a constant that depends on a dynamic dimension/,
  },
  "an output that loses a dimension where the size is 1": {
    fn: (x) => tf.squeeze(tf.expandDims(x, 1)),
    says: /^output y has rank 1, but rank 0 where the dynamic dimensions are 1; fix the dimensions, or name the axes/,
  },
  "a condition on a large size": {
    fn: (x) => tf.mul(x, x.shape[0]! > 512 ? 2 : 3),
    says: /^tf\.mul reads a constant that depends on a dynamic dimension/,
  },
  "a condition on a size of images that are too large at a size of 1024": {
    fn: (x) => {
      const pixels = tf.tile(tf.expandDims(tf.relu(x), 1), [1, 2 ** 14]);
      return x.shape[0]! > 20 ? tf.exp(pixels) : tf.sin(pixels);
    },
    says: /other kernels at another size/,
  },
  "a slice that ends behind small sizes": {
    fn: (x) => tf.slice(x, [0], [Math.min(x.shape[0]!, 512)]),
    says: /a size cannot be computed/,
  },
  "a tensor that is filled with other infinities": {
    fn: (x) => tf.fill([2], x.shape[0]! % 2 === 0 ? Infinity : -Infinity),
    says: /^attribute value of tf\.fill depends on a dynamic dimension/,
  },
  "a tensor of integers that is filled with fractions": {
    fn: (x) => tf.fill([2], x.shape[0]! / 2, "int32"),
    says: /^attribute value of tf\.fill depends on a dynamic dimension/,
  },
  "a range that runs backwards at some sizes": {
    fn: (x) => tf.mul(x, tf.slice(tf.range(0, x.shape[0]! % 2 === 0 ? 2000 : -2000), [0], [x.shape[0]!])),
    says: /^attribute step of tf\.range depends on a dynamic dimension/,
  },
  "other kernels at odd sizes": {
    fn: (x) => x.shape[0]! % 2 === 0 ? tf.exp(x) : tf.sin(x),
    says: /other kernels at another size/,
  },
  "the kernels of other operands": {
    fn: (x) =>
      tf.sub(...(x.shape[0]! % 2 === 0 ? [tf.exp(x), tf.sin(x)] : [tf.exp(x), tf.exp(x)]) as [tf.Tensor, tf.Tensor]),
    says: /other kernels at another size/,
  },
  "a number of heads that depends on the size": {
    fn: (x) => tf.tile(x, [Math.ceil(x.shape[0]! / 2)]),
    says: /a size cannot be computed/,
  },
};

for (const [what, { fn, says }] of Object.entries(refused)) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(
      () => toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [null] } })),
      (error) => error instanceof TraceError && says.test(error.message),
    );
  });
}

Deno.test("equal sizes have one name in the model's inputs and outputs", () => {
  const graph = trace(({ a, b }) => ({ y: tf.matMul(a!, b!) }), {
    a: { shape: [null, null] },
    b: { shape: [null, 3] },
  });
  assert.deepEqual(graph.inputs["a"]!.shape[1], graph.inputs["b"]!.shape[0]);
  assert.deepEqual(graph.outputs["y"]!.shape, [graph.inputs["a"]!.shape[0], 3]);
});

Deno.test("a computed size has a name of its own, also beside an input called size", () => {
  const graph = trace(({ size, x }) => ({ y: tf.concat([x!, x!]), z: tf.add(size!, 1) }), {
    size: { shape: [3, 4, null] },
    x: { shape: [null] },
  });
  const names = graph.sizes!.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length, `${names}`);
});
