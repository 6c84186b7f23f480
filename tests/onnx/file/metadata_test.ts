import assert from "#assert";
import { create, toBinary } from "@bufbuild/protobuf";
import { AttributeProtoSchema, ModelProtoSchema, TensorProtoSchema } from "../../../onnx/file/generated/onnx_pb.ts";
import { ModelEditor } from "../../../onnx/file/model_editor.ts";
import { digestHolds, readProperties, withDigest, withMetadata } from "../../../onnx/file/metadata.ts";
import { DYNAMIC } from "../../../onnx/graph/graph.ts";
import { ModelBuilder } from "../../../onnx/file/model_builder.ts";

function model(): Uint8Array {
  const builder = new ModelBuilder(17), type = { shape: [DYNAMIC, 3], dtype: "float32" } as const;
  builder.output("y", builder.node("Exp", [builder.input("x", type)]), type);
  return builder.build({ description: "a test", metadata: { a: "1", b: "2" } });
}

Deno.test("a file is read as it was written; a dynamic dimension is null", () => {
  assert.deepEqual(readProperties(model()), {
    description: "a test",
    metadata: { a: "1", b: "2" },
    inputs: { x: { dtype: "float32", shape: [null, 3] } },
    outputs: { y: { dtype: "float32", shape: [null, 3] } },
    external: [],
  });
  assert.throws(() => readProperties(new Uint8Array()), new Error("the model has no graph"));
});

Deno.test("constants in other files are found, in the graph and in attributes of nodes", () => {
  const edited = new ModelEditor(model()), constant = () => create(TensorProtoSchema, external("in attribute"));
  edited.graph.initializer.push(create(TensorProtoSchema, external("w")));
  edited.graph.node[0]!.attribute.push(create(AttributeProtoSchema, { name: "value", t: constant() }));
  edited.graph.node[0]!.attribute.push(
    create(AttributeProtoSchema, { name: "body", g: { initializer: [constant()] } }),
  );
  const bytes = toBinary(ModelProtoSchema, edited.model);
  assert.deepEqual(readProperties(bytes).external, ["w", "in attribute", "in attribute"]);
});

const external = (name: string) => ({
  name,
  dataLocation: 1,
  externalData: [{ key: "location", value: "/etc/passwd" }],
});

Deno.test("metadata may have the name of a property of all objects", () => {
  const metadata = { constructor: "1", ["__proto__"]: "2", toString: "3" };
  const both = readProperties(withMetadata(withMetadata(model(), metadata), { b: "3" })).metadata;
  assert.deepEqual(Object.entries(both), [["a", "1"], ...Object.entries(metadata), ["b", "3"]]);
});

Deno.test("metadata of the same name is replaced, other metadata stays", () => {
  assert.deepEqual(readProperties(withMetadata(model(), { b: "3", c: "4" })).metadata, { a: "1", b: "3", c: "4" });
});

Deno.test("the digest of an unchanged file holds, and that of a changed one does not", () => {
  const signed = withDigest(model());
  assert.equal(digestHolds(signed), true);
  assert.equal(digestHolds(withMetadata(signed, { a: "2" })), false);
  assert.equal(digestHolds(model()), false);
});
