import assert from "#assert";
import { inputForms, inputShape } from "../../export/variants.ts";

Deno.test("the shape of an image depends on where a form has its channels", () => {
  assert.deepEqual(inputForms.map((form) => [form, inputShape(form, [4, 5, 3])]), [
    ["float32-nchw", [3, 4, 5]],
    ["float32-nhwc", [4, 5, 3]],
    ["uint8-nhwc", [4, 5, 3]],
  ]);
});
