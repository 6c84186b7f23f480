import assert from "#assert";
import type { Given } from "../../../pipeline/configuration/fields.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { batchOptionsOf } from "../../../pipeline/training/batch_options.ts";

const optionsOf = (fields: Given) => batchOptionsOf(resolveConfiguration("quick", undefined, fields));

Deno.test("mixing has the paper's amount unless another is given, and none without a name", () => {
  assert.equal(optionsOf({ mixingAmount: 2 }).mixing, undefined);
  assert.deepEqual(optionsOf({ mixing: "ricap" }).mixing, { name: "ricap", amount: 0.3 });
  assert.deepEqual(optionsOf({ mixing: "mixup", mixingAmount: 0.2 }).mixing, { name: "mixup", amount: 0.2 });
});
