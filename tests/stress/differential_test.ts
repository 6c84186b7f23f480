/** A short run of the differential test; `deno task differential` is the long one. */
import assert from "#assert";
import { runDifferential } from "./differential/run.ts";
import { rules } from "./differential/rules.ts";

const CALLS_OF_RULE = 3;
/** With so few calls, some seeds miss a kernel. */
const SEED = 5;

Deno.test("drawn calls of every function, and of every supported kernel, are traced to what TensorFlow.js computes", async () => {
  const { differences, missing } = await runDifferential(CALLS_OF_RULE * Object.keys(rules).length, SEED);
  assert.deepEqual(differences, []);
  assert.deepEqual(missing, [], "kernels that no rule draws");
});
