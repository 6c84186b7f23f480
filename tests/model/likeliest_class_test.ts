import assert from "#assert";
import { likeliestClass } from "../../model/likeliest_class.ts";

Deno.test("the likeliest class is the largest logit, of equal ones the first", () => {
  assert.equal(likeliestClass(Float32Array.of(1, 3, 2)), 1);
  assert.equal(likeliestClass(Float32Array.of(-2, -1, -1)), 1);
});
