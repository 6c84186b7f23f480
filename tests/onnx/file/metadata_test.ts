import assert from "#assert";
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
    outputs: ["y"],
  });
  assert.throws(() => readProperties(new Uint8Array()), new Error("the model has no graph"));
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
