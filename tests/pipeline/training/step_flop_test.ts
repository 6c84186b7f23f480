import assert from "#assert";
import { buildNetwork } from "../../../model/architectures.ts";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { stepFlop } from "../../../pipeline/training/step_flop.ts";
import { withDefaults } from "../../support/tiny_run.ts";

const net = buildNetwork({
  ...{ architecture: "resnet", depth: 8, width: 4, branches: 2, groups: 4 },
  ...{ skip: true, batchNorm: true, classes: 10 },
});
const flopOf = (side: number, fields: Given = {}) =>
  stepFlop(withDefaults({ width: 4, batch: 8, ...fields }), net, [side, side, 3]);

Deno.test("a step of twice the images, or of images with four times the pixels, is as much more work", () => {
  const dense = 3 * 2 * 8 * 16 * 10;
  assert.equal(flopOf(32, { batch: 16 }), 2 * flopOf(32));
  assert.equal(flopOf(32) - dense, 4 * (flopOf(16) - dense));
});

Deno.test("the parts of a recipe add no convolution; a frozen first convolution has no gradient", () => {
  const parts = { averaging: "lookahead", mixing: "mixup", labelSmoothing: 0.1, clipNorm: 1, decayed: "kernels" };
  assert.equal(flopOf(16, parts), flopOf(16));
  // 8 images of 16 x 16 pixels of 16 filters, each of 3 x 3 x 3 products.
  assert.equal(flopOf(16) - flopOf(16, { whitening: "frozen" }), 2 * (8 * 256 * 16) * 27);
});
