import * as tf from "@tensorflow/tfjs";
import * as ort from "onnxruntime-node";
import assert from "#assert";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { traceModel } from "../../../onnx/mod.ts";
import { assertClose } from "../../support/assert_close.ts";
import { randomTensor, useCpu } from "../../support/eager.ts";
import { loadGraph, operation, placeholder, weight } from "../../support/graph_model.ts";

await useCpu();

const dense = (shape?: readonly number[]) =>
  loadGraph([
    placeholder("x", shape),
    weight("dense/kernel", [2, 3]),
    weight("dense/bias", [3]),
    operation("MatMul", "product", "x", "dense/kernel"),
    operation("BiasAdd", "sum", "product", "dense/bias"),
    operation("Relu", "y", "sum"),
    operation("Sigmoid", "z", "sum"),
  ], { "dense/kernel": randomTensor([2, 3], 1), "dense/bias": randomTensor([3], 2) });

Deno.test("a graph model computes what TensorFlow.js computes, for any batch, and keeps its weights", async () => {
  const model = await dense([-1, 2]);
  const session = await ort.InferenceSession.create(traceModel(model));
  for (const batch of [1, 3]) {
    const x = randomTensor([batch, 2], batch);
    const results = await session.run({ x: new ort.Tensor(x.dataSync() as Float32Array, x.shape) });
    const expected = model.execute({ x }, ["y", "z"]) as tf.Tensor[];
    for (const [at, name] of ["y", "z"].entries()) {
      assert.deepEqual(results[name]!.dims, [batch, 3]);
      assertClose(results[name]!.data as Float32Array, expected[at]!.dataSync(), 1e-6, name);
    }
  }
  await session.release();
});

Deno.test("a graph model's inputs, outputs and weights have the names of its nodes", async () => {
  const { input, output, initializer } = fromBinary(ModelProtoSchema, traceModel(await dense([-1, 2]))).graph!;
  assert.deepEqual([...input, ...output].map(({ name }) => name), ["x", "y", "z"]);
  const names = initializer.map(({ name }) => name);
  for (const name of ["dense/kernel", "dense/bias"]) assert.ok(names.includes(name), `${names}`);
});

Deno.test("a graph model of an unknown number of dimensions needs inputShapes", async () => {
  const model = await dense();
  assert.throws(() => traceModel(model), {
    name: "TraceError",
    message: "input x of the model has no known shape; give it with the option inputShapes",
  });
  assert.ok(traceModel(model, { inputShapes: { x: [4, 2] } }).length > 0);
});

Deno.test("a graph model whose sizes depend on values is refused", async () => {
  const model = await loadGraph([placeholder("x", [-1]), operation("Where", "places", "x")]);
  assert.throws(() => traceModel(model), {
    name: "TraceError",
    message: "the model has the operation Where, whose control flow or sizes depend on values; " +
      "trace the part before it, with a function that calls model.execute",
  });
});
