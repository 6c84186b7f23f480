import { fromBinary } from "@bufbuild/protobuf";
import assert from "#assert";
import { ModelProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { ModelBuilder } from "../../../onnx/file/model_builder.ts";
import { runOnnx } from "../../support/run_onnx.ts";

const type = { shape: [2], dtype: "float32" } as const;
const graphOf = (builder: ModelBuilder) => fromBinary(ModelProtoSchema, builder.build()).graph!;

Deno.test("equal nodes and equal constants are written once, other attributes make another node", () => {
  const builder = new ModelBuilder(17), x = builder.input("x", type);
  assert.equal(builder.node("Exp", [x]), builder.node("Exp", [x]));
  assert.equal(builder.scalar(2), builder.constant(Float32Array.of(2), [], "float32"));
  assert.notEqual(builder.scalar(2), builder.scalar(2, "int32"));
  assert.notEqual(builder.node("Softmax", [x], { axis: 0 }), builder.node("Softmax", [x], { axis: -1 }));
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
