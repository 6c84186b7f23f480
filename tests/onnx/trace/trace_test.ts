import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { DYNAMIC, toOnnx, trace, TraceError } from "../../../onnx/internal.ts";
import { trace as traceKernels } from "../../../onnx/trace/trace.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor, useCpu } from "../../support/eager.ts";
import { operators } from "../../support/operators.ts";
import { randomArray } from "../../support/random_tensors.ts";
import { runOnnx } from "../../support/run_onnx.ts";

await useCpu();
const kernelsOf = (graph: ReturnType<typeof trace>) => graph.kernels.map(({ name }) => name);

Deno.test("a function is recorded as its kernels, in order, without those that no output needs", () => {
  const graph = trace(({ x }) => {
    tf.exp(x!);
    return { y: tf.relu(tf.add(x!, 1)) };
  }, { x: { shape: [2, 3] } });
  assert.deepEqual(kernelsOf(graph), ["Add", "Relu"]);
  assert.deepEqual(graph.outputs["y"]!.shape, [2, 3]);
});

Deno.test("the gradient that TensorFlow.js derives is recorded and runs", async () => {
  const f = (x: tf.Tensor) => tf.sum(tf.square(tf.sigmoid(x))) as tf.Scalar;
  const graph = trace(({ x }) => ({ dx: tf.grad(f)(x!) }), { x: { shape: [5] } });
  const x = randomArray([5], 1);
  const { dx } = await runOnnx(toOnnx(graph), { x: { shape: [5], data: x } });
  // d/dx s^2 = 2 s s (1 - s)
  const expected = Array.from(x, (value) => 1 / (1 + Math.exp(-value))).map((s) => 2 * s * s * (1 - s));
  assertClose(dx!.data, expected, 1e-6);
});

Deno.test("a custom gradient is recorded in place of the derived one", () => {
  const doubled = tf.customGrad((x) => ({ value: (x as tf.Tensor).clone(), gradFunc: (dy) => tf.mul(dy, 2) }));
  const graph = trace(({ x, dy }) => ({ dx: tf.grad((x) => doubled(x))(x!, dy!) }), {
    x: { shape: [3] },
    dy: { shape: [3] },
  });
  assert.deepEqual(kernelsOf(graph), ["Multiply"]);
});

Deno.test("expressions of constants are computed while tracing", () => {
  const weights = tf.tensor1d([1, 4, 9]);
  const graph = trace(({ x }) => ({ y: tf.mul(x!, tf.sqrt(tf.add(weights, 0))) }), { x: { shape: [2, 3] } });
  assert.deepEqual(kernelsOf(graph), ["Multiply"]);
  assert.deepEqual([...graph.kernels[0]!.inputs["b"]!.constant!], [1, 2, 3]);
});

Deno.test("ranges are constants", () => {
  const graph = trace(({ x }) => ({ y: tf.add(tf.add(x!, tf.range(0, 3)), tf.linspace(0, 1, 3)) }), {
    x: { shape: [3] },
  });
  assert.deepEqual(kernelsOf(graph), ["Add", "Add"]);
  assert.deepEqual(graph.kernels.map(({ inputs }) => [...inputs["b"]!.constant!]), [[0, 1, 2], [0, 0.5, 1]]);
});

Deno.test("a constant has the shape and the type of its tensor, which may share its elements with others", async () => {
  const flat = tf.range(0, 6, 1, "int32"), matrix = tf.reshape(flat, [2, 3]), floats = tf.cast(matrix, "float32");
  const fn = (x: tf.Tensor) => ({
    kept: matrix,
    sum: tf.add(x, matrix),
    product: tf.matMul(floats as tf.Tensor2D, tf.transpose(tf.cast(x, "float32"))),
    folded: tf.add(tf.sum(x), tf.add(floats, 0.5)),
  });
  const x = { shape: [2, 3], data: Int32Array.from([5, 3, 1, 2, 4, 6]) };
  const graph = trace(({ x }) => fn(x!), { x: { shape: [2, 3], dtype: "int32" } });
  const results = await runOnnx(toOnnx(graph), { x });
  for (const [name, tensor] of Object.entries(fn(tf.tensor(x.data, [2, 3], "int32")))) {
    assert.deepEqual(results[name]!.shape, tensor.shape);
    assert.deepEqual(results[name]!.data, tensor.dataSync(), name);
  }
});

Deno.test("a tensor that was traced as a constant is usable afterwards", async () => {
  const weights = tf.tensor1d([1, 2]);
  trace(({ x }) => ({ y: tf.mul(x!, weights) }), { x: { shape: [2] } });
  assert.equal(tf.getBackend(), "cpu");
  assert.deepEqual([...await tf.add(weights, 1).data()], [2, 3]);
});

Deno.test("with a dynamic dimension one model serves every size", async () => {
  const kernel = randomTensor<tf.Rank.R4>([3, 3, 2, 4], 1), dense = randomTensor<tf.Rank.R2>([32, 3], 2);
  const fn = (x: tf.Tensor) => {
    const features = tf.relu(tf.conv2d(x as tf.Tensor4D, kernel, 2, "same"));
    const moved = tf.slice4d(tf.pad4d(features, [[0, 0], [0, 1], [0, 1], [0, 0]]), [0, 1, 1, 0], [-1, 4, 4, 2]);
    return tf.softmax(tf.matMul(tf.reshape(moved, [-1, 32]) as tf.Tensor2D, dense));
  };
  const graph = trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [null, 8, 8, 2] } });
  assert.deepEqual(graph.outputs["y"]!.shape, [DYNAMIC, 3]);
  const model = toOnnx(graph);
  for (const batch of [1, 5]) {
    const x = randomArray([batch, 8, 8, 2], batch);
    const { y } = await runOnnx(model, { x: { shape: [batch, 8, 8, 2], data: x } });
    assertClose(y!.data, fn(tf.tensor(x, [batch, 8, 8, 2])).dataSync(), 1e-5);
  }
});

const counter = tf.variable(tf.scalar(0), true, "counter");

const refused: Record<string, { fn: (x: tf.Tensor) => tf.Tensor; says: RegExp; shape?: (number | null)[] }> = {
  "a kernel without a lowering is named": {
    fn: (x) => tf.unique(x).values,
    says: /^tf\.unique cannot be traced, .*\(kernel Unique\)/,
  },
  "reading a traced tensor is refused": {
    fn: (x) => tf.mul(x, x.dataSync()[0]!),
    says: /reads the elements of a tensor/,
  },
  "a constant that depends on a dynamic dimension is refused": {
    fn: (x) => tf.mul(x, Math.sqrt(x.shape[0]!)),
    says: /^tf\.mul reads a constant that depends on a dynamic dimension/,
    shape: [null, 2],
  },
  "an attribute that depends on a dynamic dimension is refused": {
    fn: (x) => tf.mul(x, tf.expandDims(tf.range(x.shape[0]!, 0, -1), 1)),
    says: /^attribute start of tf\.range depends on a dynamic dimension/,
    shape: [null, 2],
  },
  "random numbers are refused": {
    fn: (x) => tf.add(x, tf.randomUniform([2, 2])),
    says: /draws random numbers/,
  },
  "an assigned variable is refused": {
    fn: (x) => tf.add(x, counter.assign(tf.add(counter, 1)) ?? counter),
    says: /assigns the variable counter; return the new value as an output/,
  },
  "a promise of a tensor is refused": {
    fn: (x) => tf.booleanMaskAsync(x, tf.tensor2d([[1, 0], [0, 1]], [2, 2], "bool")) as unknown as tf.Tensor,
    says: /the output y of a traced function is a promise, though tracing does not wait; return a tensor/,
  },
  "a number is refused": {
    fn: () => 1 as unknown as tf.Tensor,
    says: /the output y of a traced function is a number; return a tensor/,
  },
  "random numbers of a dropout are refused": {
    fn: (x) => tf.dropout(x, 0.5),
    says: /draws random numbers/,
  },
};

Deno.test("a function that returns a tensor, a list or a promise in place of an object is refused", () => {
  for (const fn of [(x: tf.Tensor) => x, (x: tf.Tensor) => [x], (x: tf.Tensor) => Promise.resolve({ x })]) {
    assert.throws(
      () => trace(({ x }) => fn(x!) as unknown as Record<string, tf.Tensor>, { x: { shape: [2] } }),
      /^TraceError: a traced function returns a .+; return an object of tensors by name$/,
    );
  }
});

Deno.test("an output without a name, and a tensor that another trace made, are refused", () => {
  const x = { shape: [2] };
  assert.throws(() => trace(({ x }) => ({ "": x! }), { x }), /^TraceError: an output .+ has an empty name; name it$/);
  let other: tf.Tensor | undefined;
  trace(({ x }) => ({ y: other = tf.keep(tf.neg(x!)) }), { x });
  assert.throws(
    () => toOnnx(trace(({ x }) => ({ y: tf.add(x!, other!) }), { x })),
    /^TraceError: a traced function uses a tensor that another trace made; make it in this function$/,
  );
});

Deno.test("an opset that is not from 13 to 21 is refused", () => {
  for (const opset of [12, 17.5, 22, NaN]) {
    assert.throws(
      () => toOnnx(trace(({ x }) => ({ y: tf.neg(x!) }), { x: { shape: [2] } }), { opset }),
      new RegExp(`^TraceError: opset is ${opset}; it is a whole number from 13 to 21$`),
    );
  }
});

for (const [what, { fn, says, shape = [2, 2] }] of Object.entries(refused)) {
  Deno.test(what, () => {
    assert.throws(
      () => trace(({ x }) => ({ y: fn(x!) }), { x: { shape } }),
      (error) => error instanceof TraceError && says.test(error.message),
    );
    assert.equal(tf.getBackend(), "cpu");
  });
}

Deno.test("a constant and an attribute that depend on an unknown size are computed when the graph runs", async () => {
  const fn = (x: tf.Tensor) => tf.slice(tf.mul(x, x.shape[0]!), [0, 0], [x.shape[0]! - 1, 2]);
  const model = toOnnx(trace(({ x }) => ({ y: fn(x!) }), { x: { shape: [null, 2] } }));
  for (const count of [1, 2, 3, 12]) {
    const x = randomArray([count, 2], count);
    const { y } = await runOnnx(model, { x: { shape: [count, 2], data: x } });
    assert.deepEqual(y!.shape, [count - 1, 2]);
    assertClose(y!.data, fn(tf.tensor(x, [count, 2])).dataSync(), 1e-6);
  }
});

Deno.test("no transpose is left between convolutions", () => {
  const kernel = randomTensor<tf.Rank.R4>([3, 3, 4, 4], 1);
  const block = (x: tf.Tensor4D) =>
    tf.relu(tf.add(tf.conv2d(x, kernel, 1, "same"), tf.tensor1d([1, 2, 3, 4]))) as tf.Tensor4D;
  const graph = trace(({ x }) => {
    const image = tf.transpose(x!, [0, 2, 3, 1]) as tf.Tensor4D;
    return { y: tf.transpose(block(block(image)), [0, 3, 1, 2]) };
  }, { x: { shape: [1, 4, 8, 8] } });
  assert.equal(operators(toOnnx(graph)).filter((operator) => operator === "Transpose").length, 0);
});

Deno.test("equal nodes and equal constants exist once", () => {
  const graph = trace(({ x }) => ({ y: tf.mul(tf.exp(tf.add(x!, 1)), tf.exp(tf.add(x!, 1))) }), { x: { shape: [3] } });
  assert.deepEqual(operators(toOnnx(graph)), ["Add", "Exp", "Mul"]);
});

Deno.test("an output that would take the name of another value is refused", () => {
  const graph = trace((inputs) => ({ x: tf.neg(inputs["x"]!), y: inputs["next/x"]! }), {
    "x": { shape: [1] },
    "next/x": { shape: [1] },
  });
  assert.throws(
    () => toOnnx(graph),
    new TraceError("output x is called next/x in the model, as another value is; rename one of them"),
  );
});

Deno.test("inputs and outputs may have the names of an object's own methods", async () => {
  const graph = trace((inputs) => ({ valueOf: tf.add(inputs["constructor"]!, inputs["toString"]!) }), {
    constructor: { shape: [1] },
    toString: { shape: [1] },
  });
  const two = { shape: [1], data: Float32Array.of(2) };
  const outputs = await runOnnx(toOnnx(graph), Object.fromEntries([["constructor", two], ["toString", two]]));
  assert.deepEqual(Object.keys(outputs), ["valueOf"]);
  assert.deepEqual([...Object.values(outputs)[0]!.data], [4]);
});

Deno.test("an output that is an input keeps its name behind next/", async () => {
  const graph = trace(({ w }) => ({ w: tf.add(w!, 1), same: w! }), { w: { shape: [2] } });
  const outputs = await runOnnx(toOnnx(graph), { w: { shape: [2], data: Float32Array.of(1, 2) } });
  assert.deepEqual([...outputs["next/w"]!.data], [2, 3]);
  assert.deepEqual([...outputs["same"]!.data], [1, 2]);
});

Deno.test("a graph holds the kernels that its caller gives, and only those", () => {
  const types = { Relu: { infer: () => ({ shape: [7], dtype: "float32" as const }) } };
  const graph = traceKernels(({ x }) => ({ y: tf.relu(x!) }), { x: { shape: [2] } }, types);
  assert.deepEqual(graph.outputs["y"]!.shape, [7]);
  assert.throws(
    () => traceKernels(({ x }) => ({ y: tf.exp(x!) }), { x: { shape: [2] } }, types),
    /^TraceError: tf\.exp cannot be traced, since it has no lowering to ONNX \(kernel Exp\)$/,
  );
});

Deno.test("tensors of shapes that do not match are an error while tracing", () => {
  const shapes = { a: { shape: [2, 3] }, b: { shape: [2, 4] } };
  for (
    const fn of [
      tf.matMul,
      (a: tf.Tensor, b: tf.Tensor) => tf.concat([a, b], 0),
      (a: tf.Tensor, b: tf.Tensor) => tf.stack([a, b]),
    ]
  ) {
    assert.throws(() => trace(({ a, b }) => ({ y: fn(a!, b!) }), shapes));
  }
});

Deno.test("constants of every type that are computed while tracing keep their numbers", async () => {
  const [three, flag] = [tf.scalar(3, "int32"), tf.tensor1d([true, false])];
  const labels = tf.tensor1d([1, 0], "int32");
  const graph = trace(({ x }) => ({
    product: tf.mul(x!, three),
    masked: tf.mul(x!, flag),
    loss: tf.losses.softmaxCrossEntropy(tf.oneHot(labels, 2), tf.stack([x!, x!])),
    norm: tf.norm(tf.mul(x!, tf.cast(tf.scalar(2.9), "int32"))),
  }), { x: { shape: [2] } });
  const { product, masked, loss, norm } = await runOnnx(toOnnx(graph), {
    x: { shape: [2], data: Float32Array.of(1, -2) },
  });
  assert.deepEqual([...product!.data], [3, -6]);
  assert.deepEqual([...masked!.data], [1, -0]);
  // Means of the logarithms of 1 + e^3 and of 1 + e^-3.
  assertClose(loss!.data, [(Math.log1p(Math.exp(3)) + Math.log1p(Math.exp(-3))) / 2], 1e-6);
  assertClose(norm!.data, [Math.sqrt(4 + 16)], 1e-6);
});

/** Functions whose results have no elements, at sizes that are known or not. */
const empty: Readonly<Record<string, { fn: (x: tf.Tensor) => tf.Tensor; shape: (number | null)[] }>> = {
  "a slice of nothing": { fn: (x) => tf.slice(x, [0, 1], [0, 2]), shape: [3, 3] },
  "a slice of nothing of an unknown size": { fn: (x) => tf.slice(x, [0, 1], [-1, 0]), shape: [null, 3] },
  "an input without elements": { fn: (x) => tf.relu(x), shape: [0, 3] },
  "a product of matrices without columns": {
    fn: (x) => tf.matMul(x as tf.Tensor2D, tf.zeros([3, 0])),
    shape: [null, 3],
  },
  "a constant": { fn: () => tf.zeros([0, 2]), shape: [3, 3] },
};

for (const [what, { fn, shape }] of Object.entries(empty)) {
  Deno.test(`${what} has TensorFlow.js's shape and type`, async () => {
    const model = toOnnx(trace(({ x }) => ({ y: fn(x!), flags: tf.greater(fn(x!), 0) }), { x: { shape } }));
    const sizes = shape.map((size) => size ?? 4), expected = fn(tf.ones(sizes));
    const { y, flags } = await runOnnx(model, { x: { shape: sizes, data: randomArray(sizes, 1) } });
    assert.equal(expected.size, 0);
    assert.deepEqual(y, { shape: expected.shape, data: new Float32Array() });
    assert.deepEqual(flags, { shape: expected.shape, data: new Uint8Array() });
  });
}
