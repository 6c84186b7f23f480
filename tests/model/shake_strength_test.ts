import assert from "#assert";
import { drawFactors, parseShakeMode } from "../../model/shake_factors.ts";
import { parseStrengthPlan, strengthAt, weakened } from "../../model/shake_strength.ts";
import { assertClose } from "../support/assert_close.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

const shape = { blocks: 2, branches: 3, batch: 4 };
const drawn = drawFactors(parseShakeMode("shake-shake-image"), "normalized", shape, uniformNumbers);

Deno.test("a strength of 1 is the draws, of 0 the even factors, and of a half the middle", () => {
  assert.deepEqual(weakened(drawn, 3, 1), drawn);
  assertClose(weakened(drawn, 3, 0).alpha, new Array(24).fill(1 / 3), 1e-7);
  assertClose(weakened(drawn, 3, 0.5).beta, drawn.beta.map((factor) => (factor + 1 / 3) / 2), 1e-7);
});

Deno.test("over the branches the factors sum to 1 at any strength", () => {
  const { alpha } = weakened(drawn, 3, 0.3);
  for (let block = 0; block < 2; block++) {
    for (let image = 0; image < 4; image++) {
      const sum = [0, 1, 2].reduce((sum, branch) => sum + alpha[(block * 3 + branch) * 4 + image]!, 0);
      assertClose([sum], [1], 1e-6);
    }
  }
});

Deno.test("a plan of strengths: shaking that starts late and fades, by the share of the run", () => {
  const plan = parseStrengthPlan("0.3:0, 0.5:1, 0.9:1, 1:0");
  assertClose([0, 30, 40, 50, 70, 95, 100].map((step) => strengthAt(plan, step, 100)), [0, 0, 0.5, 1, 1, 0.5, 0], 1e-9);
  assert.equal(strengthAt(parseStrengthPlan(""), 50, 100), 1);
});

for (const text of ["0.5", "0.5:2", "a:1", "0.5:", "0.5:1:1", "0.5:0,0.5:1", "0.6:0,0.5:1"]) {
  Deno.test(`refused: ${text}`, () => assert.throws(() => parseStrengthPlan(text), RangeError));
}
