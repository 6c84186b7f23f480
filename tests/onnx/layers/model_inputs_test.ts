import assert from "#assert";
import { tracedInputs } from "../../../onnx/layers/model_inputs.ts";

const sequence = { name: "sequence", shape: [null, null, 3], dtype: "float32" } as const;

Deno.test("given shapes fix sizes that the model leaves open", () => {
  const other = { name: "other", shape: [null, 2], dtype: "int32" } as const;
  assert.deepEqual(tracedInputs([sequence, other], { sequence: [null, 20, 3] }), {
    sequence: { shape: [null, 20, 3], dtype: "float32" },
    other: { shape: [null, 2], dtype: "int32" },
  });
});

const wrong: Readonly<Record<string, readonly [given: Readonly<Record<string, unknown>>, message: string]>> = {
  "a name that the model does not have": [{ x: [1] }, "inputShapes has x; the inputs of the model are sequence"],
  "another number of dimensions": [
    { sequence: [20, 3] },
    "inputShapes.sequence is [20,3]; the model takes [null,null,3]",
  ],
  "another size": [{ sequence: [1, 20, 4] }, "inputShapes.sequence is [1,20,4]; the model takes [null,null,3]"],
  "a known size that is opened": [
    { sequence: [1, 20, null] },
    "inputShapes.sequence is [1,20,null]; the model takes [null,null,3]",
  ],
  "no list": [{ sequence: 20 }, "inputShapes.sequence is 20; it is a list of sizes"],
};

for (const [what, [given, message]] of Object.entries(wrong)) {
  Deno.test(`${what} is refused`, () => {
    assert.throws(() => tracedInputs([sequence], given as Record<string, number[]>), { name: "TraceError", message });
  });
}
