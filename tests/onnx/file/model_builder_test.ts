import { fromBinary } from "@bufbuild/protobuf";
import assert from "#assert";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { checkSize, ModelBuilder } from "../../../onnx/file/model_builder.ts";
import { PRODUCER } from "../../../onnx/file/producer.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const type = { shape: [2], dtype: "float32" } as const;
const graphOf = (builder: ModelBuilder) => fromBinary(ModelProtoSchema, builder.build()).graph!;

Deno.test("equal nodes and equal constants are written once, other attributes make another node", () => {
  const builder = new ModelBuilder(17), x = builder.input("x", type);
  assert.equal(builder.node("Exp", [x]), builder.node("Exp", [x]));
  assert.equal(builder.scalar(2), builder.constant(Float32Array.of(2), [], "float32"));
  assert.notEqual(builder.scalar(2), builder.scalar(2, "int32"));
  assert.notEqual(builder.node("Softmax", [x], { axis: 0 }), builder.node("Softmax", [x], { axis: -1 }));
  const nodes = [NaN, Infinity, -Infinity, 0, -0].map((alpha) =>
    builder.node("LeakyRelu", [x], { alpha: { float: alpha } })
  );
  assert.equal(new Set(nodes).size, 5);
});

Deno.test("nodes and constants that no output needs are left out", () => {
  const builder = new ModelBuilder(17), x = builder.input("x", type);
  builder.node("Add", [x, builder.scalar(3)]);
  builder.output("y", builder.node("Mul", [x, builder.scalar(2)]), type);
  const { node, initializer } = graphOf(builder);
  assert.deepEqual(node.map(({ opType }) => opType), ["Mul"]);
  assert.equal(initializer.length, 1);
});

Deno.test("an input, a constant and the same value may be outputs under several names", async () => {
  const builder = new ModelBuilder(17), x = builder.input("x", type), doubled = builder.node("Add", [x, x]);
  const constant = builder.constant(Float32Array.of(5, 6), [2], "float32");
  for (const [name, from] of [["a", x], ["b", constant], ["c", doubled], ["d", doubled]] as const) {
    builder.output(name, from, type);
  }
  const outputs = await runOnnx(builder.build(), { x: { shape: [2], data: Float32Array.of(1, 2) } });
  assert.deepEqual(Object.entries(outputs).map(([name, { data }]) => [name, ...data]), [
    ["a", 1, 2],
    ["b", 5, 6],
    ["c", 2, 4],
    ["d", 2, 4],
  ]);
});

Deno.test("an equal node of fewer outputs gets more of them", () => {
  const builder = new ModelBuilder(17);
  const image = builder.input("x", { shape: [1, 1, 4, 4], dtype: "float32" });
  const attributes = { kernel_shape: [2, 2] };
  const largest = builder.node("MaxPool", [image], attributes);
  const [same, places] = builder.nodes("MaxPool", [image], attributes, 2);
  assert.equal(same, largest);
  builder.output("y", largest, { shape: [1, 1, 3, 3], dtype: "float32" });
  builder.output("places", builder.node("Cast", [places!], { to: 6 }), { shape: [1, 1, 3, 3], dtype: "int32" });
  assert.deepEqual(graphOf(builder).node.map(({ opType }) => opType), ["MaxPool", "Cast"]);
});

const modelOf = (builder: ModelBuilder, properties = {}) => fromBinary(ModelProtoSchema, builder.build(properties));

Deno.test("a model names its producer, the producer's version and its own", () => {
  const { producerName, producerVersion, modelVersion } = modelOf(new ModelBuilder(17));
  assert.deepEqual([producerName, producerVersion, modelVersion], ["shakenet-deno", PRODUCER.version, 1n]);
  assert.equal(modelOf(new ModelBuilder(17), { modelVersion: 7 }).modelVersion, 7n);
});

Deno.test("the file format is version 8, or the first one that has the operators", () => {
  // The table of versions in ONNX's own documentation, docs/Versioning.md.
  const versions = [13, 17, 18, 19, 20, 21].map((opset) => modelOf(new ModelBuilder(opset)).irVersion);
  assert.deepEqual(versions, [8n, 8n, 8n, 9n, 9n, 10n]);
});

Deno.test("no node or constant has the name of an input or output", async () => {
  const builder = new ModelBuilder(17), input = { shape: [2], data: Float32Array.of(-1, 2) };
  builder.reserve(["constant_0", "Relu_0"]);
  const x = builder.input("constant_0", type);
  const sum = builder.node("Add", [builder.node("Relu", [x]), builder.scalar(1)]);
  builder.output("Relu_0", sum, type);
  const { Relu_0: y } = await runOnnx(builder.build(), { constant_0: input });
  assert.deepEqual([...y!.data], [1, 3]);
});

Deno.test("nodes of a scope and constants with a wish have names of it, each its own", () => {
  const builder = new ModelBuilder(17), x = builder.input("x", type), bias = Float32Array.of(1, 2);
  builder.scope = "dense";
  const names = [builder.node("Exp", [x]), builder.constant(bias, [2], "float32", "dense/bias")];
  builder.scope = "other";
  names.push(builder.constant(bias, [2], "float32", "other/bias"), builder.node("Neg", [x]));
  builder.scope = "dense";
  names.push(builder.node("Exp", [names[0]!]), builder.constant(bias.map(Math.sqrt), [2], "float32", "dense/bias"));
  const expected = ["dense/Exp", "dense/bias", "other/bias", "other/Neg", "dense/Exp_1", "dense/bias_1"];
  assert.deepEqual(names, expected);
  assert.equal(builder.constant(bias, [2], "float32", "dense/bias"), "dense/bias");
});

Deno.test("constants that an ONNX file cannot hold are refused", () => {
  checkSize(2 ** 31 - 1);
  assert.throws(() => checkSize(2.5 * 2 ** 30), {
    name: "TraceError",
    message: "the weights and constants take 2.50 GiB, and an ONNX file ends at 2 GiB; trace the parts apart",
  });
});
