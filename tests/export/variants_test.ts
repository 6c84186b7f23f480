import assert from "#assert";
import { inputForms, inputShape, sizedForm, sizedForms } from "../../export/variants.ts";

Deno.test("the shape of an image depends on where a form has its channels", () => {
  assert.deepEqual(sizedForms.map((form) => [form, inputShape(form, [4, 5, 3])]), [
    ["float32-nchw", [3, 4, 5]],
    ["float32-nhwc", [4, 5, 3]],
    ["uint8-nhwc", [4, 5, 3]],
  ]);
});

Deno.test("a model of pictures of any size is made from one of bytes", () => {
  assert.deepEqual(inputForms.map(sizedForm), [...sizedForms, "uint8-nhwc"]);
});
