import assert from "#assert";
import { checkInputs } from "../../../onnx/trace/check_inputs.ts";

Deno.test("sizes from 0, unknown ones and the three types are inputs", () => {
  checkInputs({ x: { shape: [] }, y: { shape: [0, null, 3], dtype: "int32" }, z: { shape: [1], dtype: "bool" } });
});

const wrong: Readonly<Record<string, readonly [Parameters<typeof checkInputs>[0], RegExp]>> = {
  "-1 for an unknown size": [
    { x: { shape: [-1, 2] } },
    /^TraceError: a size of input x is -1; it is a whole number from 0, or null for any size$/,
  ],
  "a size that is not whole": [{ x: { shape: [1.5] } }, /a size of input x is 1.5;/],
  "a size that is undefined": [{ x: { shape: [undefined] } }, /a size of input x is undefined;/],
  "a shape that is no list": [{ x: { shape: 3 } }, /^TraceError: the shape of input x is 3; it is a list of sizes$/],
  "another type": [
    { x: { shape: [1], dtype: "float64" } },
    /^TraceError: the type of input x is float64; it is float32, int32 or bool$/,
  ],
  "an empty name": [{ "": { shape: [1] } }, /^TraceError: an input of a traced function has an empty name; name it$/],
};

for (const [what, [inputs, message]] of Object.entries(wrong)) {
  Deno.test(`${what} is refused in one sentence`, () => {
    assert.throws(() => checkInputs(inputs), message);
  });
}
