import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { toOnnx, trace } from "../../../onnx/internal.ts";
import type { Value } from "../../../onnx/graph/graph.ts";
import { LayoutScope } from "../../../onnx/lowerings/layout_scope.ts";
import { ModelBuilder } from "../../../onnx/file/model_builder.ts";
import { convolve } from "../../support/lowering_cases.ts";
import { operators } from "../../support/operators.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const image: Value = { shape: [2, 4, 4, 32], dtype: "float32" };

function newScope(block?: number) {
  const builder = new ModelBuilder(17);
  return { builder, scope: new LayoutScope(builder, { block }) };
}

for (const [block, change] of [[undefined, "Transpose"], [16, "Reorder"]] as const) {
  Deno.test(`images change their layout where they enter and leave, not between convolutions (block: ${block})`, () => {
    const filter = tf.ones([3, 3, 32, 32]);
    const graph = trace(({ x }) => {
      const y = tf.add(tf.relu(convolve(convolve(x!, filter), filter)), 1);
      return { y: convolve(y, filter) };
    }, { x: image });
    const nodes = operators(toOnnx(graph, { block })).filter((operator) => operator !== "Reshape");
    const images = nodes.slice(nodes.findIndex((operator) => operator.startsWith("Conv")) - 1);
    assert.equal(images.filter((operator) => operator === "Conv").length, 3);
    assert.equal(images.slice(1, -1).filter((operator) => operator.startsWith(change)).length, 0);
    assert.ok(images.at(-1)!.startsWith(change));
  });
}

Deno.test("values prefer the layout of the largest of them", () => {
  const { builder, scope } = newScope(16);
  const small: Value = { shape: [2, 1, 1, 32], dtype: "float32" }, other = { ...image };
  scope.define(image, builder.input("image", image), "channelsFirst");
  scope.define(small, builder.input("small", small), "blocked");
  scope.define(other, builder.input("other", other));
  assert.equal(scope.preferredLayout([small, image, other]), "channelsFirst");
  assert.equal(scope.preferredLayout([other, small]), "natural");
});

Deno.test("values prefer the natural layout beside a value of more dimensions", async () => {
  const filter = tf.ones<tf.Rank.R4>([1, 1, 1, 2]);
  const model = toOnnx(
    trace(({ x, b }) => ({ y: tf.add(convolve(x!, filter), b!) }), {
      x: { shape: [1, 1, 2, 1] },
      b: { shape: [2, 1, 1, 1, 1] },
    }),
  );
  const { y } = await runOnnx(model, {
    x: { shape: [1, 1, 2, 1], data: Float32Array.of(1, 2) },
    b: { shape: [2, 1, 1, 1, 1], data: Float32Array.of(10, 20) },
  });
  assert.deepEqual(y!.shape, [2, 1, 1, 2, 2]);
  assert.deepEqual([...y!.data], [11, 11, 12, 12, 21, 21, 22, 22]);
});

Deno.test("an image of one channel is no longer blocked beside channels that fill no blocks", () => {
  const { builder, scope } = newScope(16);
  const mean: Value = { shape: [2, 4, 4, 1], dtype: "float32" };
  scope.define(mean, builder.input("mean", mean), "blocked");
  assert.equal(scope.preferredLayout([mean, { shape: [32], dtype: "float32" }]), "blocked");
  assert.equal(scope.preferredLayout([mean, { shape: [], dtype: "float32" }]), "blocked");
  assert.equal(scope.preferredLayout([mean, { shape: [5], dtype: "float32" }]), "channelsFirst");
});

Deno.test("an image has a blocked layout if its channels fill the blocks of the machine", () => {
  assert.equal(newScope(16).scope.canBlock(image), true);
  assert.equal(newScope(24).scope.canBlock(image), false);
  assert.equal(newScope().scope.canBlock(image), false);
});

Deno.test("a reshape of a reshape reshapes its source, and back to the source's shape adds nothing", () => {
  const { builder, scope } = newScope();
  const x = builder.input("x", image), flat = scope.reshape(x, [1024], image.shape);
  assert.equal(scope.reshape(flat, [2, 4, 4, 32]), x);
  builder.output("y", scope.reshape(flat, [32, 32]), { shape: [32, 32], dtype: "float32" });
  assert.deepEqual(operators(builder.build()), ["Reshape"]);
});

Deno.test("a reshape to two unknown sizes computes both when the graph runs", async () => {
  const graph = trace(({ x }) => ({ y: tf.reshape(x!, [x!.shape[1]!, x!.shape[0]!, 1]) }), {
    x: { shape: [null, null] },
  });
  const { y } = await runOnnx(toOnnx(graph), { x: { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
  assert.deepEqual(y!.shape, [3, 2, 1]);
  assert.deepEqual([...y!.data], [1, 2, 3, 4, 5, 6]);
});

Deno.test("a large constant of equal elements is written as one element", () => {
  const bytes = (constant: tf.Tensor) =>
    toOnnx(trace(({ x }) => ({ y: tf.add(x!, constant) }), { x: { shape: [1000] } })).length;
  assert.ok(bytes(tf.ones([1000])) < 1000);
  assert.ok(bytes(tf.range(0, 1000)) > 4000);
});

Deno.test("a large constant of zeros keeps their signs", async () => {
  const zeros = Float32Array.from({ length: 100 }, (_, at) => at % 2 === 0 ? 0 : -0);
  const model = toOnnx(trace(({ x }) => ({ y: tf.div(x!, tf.tensor1d(zeros)) }), { x: { shape: [100] } }));
  const { y } = await runOnnx(model, { x: { shape: [100], data: new Float32Array(100).fill(1) } });
  assert.deepEqual([...y!.data.slice(0, 4)], [Infinity, -Infinity, Infinity, -Infinity]);
});

for (const opset of [13, 14]) {
  Deno.test(`a value without elements is reshaped to several unknown sizes, in opset ${opset}`, async () => {
    const graph = trace(({ x }) => ({ y: tf.reshape(x!, x!.shape.toReversed()) }), {
      x: { shape: [null, null, null] },
    });
    const model = toOnnx(graph, { opset });
    for (const shape of [[0, 0, 3], [2, 0, 3], [4, 3, 0], [2, 1, 3]]) {
      const data = new Float32Array(tf.util.sizeFromShape(shape)).map((_, at) => at);
      const { y } = await runOnnx(model, { x: { shape, data } });
      assert.deepEqual(y, { shape: shape.toReversed(), data });
    }
  });
}
