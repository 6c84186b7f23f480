import assert from "#assert";
import { TraceError } from "../../../onnx/internal.ts";
import { dataTypeOf } from "../../../onnx/lowerings/data_type.ts";

Deno.test("a type that no traced value has is an error that names those there are", () => {
  assert.equal(dataTypeOf("Cast", "bool"), "bool");
  assert.throws(
    () => dataTypeOf("Cast", "complex64"),
    new TraceError("tf.cast makes complex64; a traced value is float32, int32, bool"),
  );
});
