import assert from "#assert";
import { scaledTo } from "../../../../pipeline/commands/experiment/budget.ts";
import { UsageError } from "../../../../pipeline/configuration/usage_error.ts";
import { assertClose } from "../../../support/assert_close.ts";

/** An epoch of 10 steps costs 0.01 PFLOP at 32 pixels, a quarter of it at 16. */
const costs = { stepsPerEpoch: 10, whole: 32, stepFlop: (side: number) => 1e12 * (side / 32) ** 2 };

Deno.test("a recipe has as many epochs as the budget pays", () => {
  const { pflop, ...plan } = scaledTo(0.059, "plain", [], costs);
  assert.deepEqual(plan, { epochs: 5, sizes: "none" });
  assertClose([pflop], [0.05], 1e-12);
});

Deno.test("smaller images pay more epochs, each size with its share of them", () => {
  const { pflop, ...plan } = scaledTo(0.1, "small", [{ side: 16, share: 0.5 }], costs);
  assert.deepEqual(plan, { epochs: 16, sizes: "16:8" });
  assertClose([pflop], [8 * 0.0025 + 8 * 0.01], 1e-12);
});

Deno.test("no number of epochs costs more than the budget, and one more would", () => {
  for (const share of [0.1, 0.3, 0.77]) {
    for (const budget of [0.02, 0.0333, 0.1, 0.51]) {
      const { epochs, pflop } = scaledTo(budget, "small", [{ side: 16, share }], costs);
      assert.ok(pflop <= budget);
      const small = Math.round(share * (epochs + 1));
      assert.ok(0.0025 * small + 0.01 * (epochs + 1 - small) > budget, `${share} ${budget}`);
    }
  }
});

Deno.test("a budget below an epoch is refused", () => {
  assert.throws(
    () => scaledTo(0.009, "plain", [], costs),
    (error) =>
      error instanceof UsageError &&
      error.message ===
        "--budget: 0.009 PFLOP are less than an epoch of plain, 0.010; name a larger budget, or other --recipes",
  );
});

Deno.test("a budget for more epochs than a run may have is refused", () => {
  assert.throws(
    () => scaledTo(10_001, "plain", [], costs),
    (error) =>
      error instanceof UsageError && /^--budget: 10001 PFLOP are more than 1000000 epochs of plain/.test(error.message),
  );
});
