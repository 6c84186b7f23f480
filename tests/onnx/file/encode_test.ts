import assert from "#assert";
import { AttributeProto_AttributeType as Type } from "../../../onnx/file/generated/onnx_pb.ts";
import { attribute, valueInfo } from "../../../onnx/file/encode.ts";
import { DYNAMIC } from "../../../onnx/graph/graph.ts";

Deno.test("attributes have the types of ONNX", () => {
  const { INT, INTS, FLOAT, FLOATS, STRING } = Type;
  assert.equal(attribute("a", 2).type, INT);
  assert.deepEqual(attribute("a", [1, -2]).ints, [1n, -2n]);
  assert.equal(attribute("a", [1]).type, INTS);
  assert.deepEqual([attribute("a", { float: 0.5 }).type, attribute("a", { float: 0.5 }).f], [FLOAT, 0.5]);
  assert.deepEqual([attribute("a", { floats: [0, 1] }).type, attribute("a", { floats: [0, 1] }).floats], [FLOATS, [
    0,
    1,
  ]]);
  assert.deepEqual([attribute("a", "ä").type, attribute("a", "ä").s], [STRING, Uint8Array.of(0xc3, 0xa4)]);
});

Deno.test("dynamic dimensions are named after their axis, the first one batch", () => {
  const { type } = valueInfo("x", { shape: [DYNAMIC, 3, DYNAMIC], dtype: "float32" });
  const { shape } = type!.value.value as { shape: { dim: { value: { value: unknown } }[] } };
  assert.deepEqual(shape.dim.map(({ value }) => value.value), ["batch", 3n, "x_2"]);
});
