import assert from "#assert";
import { Pace } from "../../../pipeline/cli/pace.ts";

Deno.test("the rate is that of the last ten seconds, the time left that of the whole job", () => {
  const pace = new Pace(100, 0, 50);
  assert.deepEqual(pace.at(0, 50), { rate: undefined, left: undefined });
  assert.deepEqual(pace.at(10, 60), { rate: 1, left: 90 });
  // Twice as fast from here on.
  assert.deepEqual(pace.at(20, 65), { rate: 20 / 15, left: 80 * 15 / 20 });
  assert.deepEqual(pace.at(30, 70), { rate: 2, left: 70 * 20 / 30 });
});

Deno.test("what an earlier run of the job did counts neither for the rate nor for the time left", () => {
  const pace = new Pace(100, 80, 0);
  assert.deepEqual(pace.at(80, 1), { rate: undefined, left: undefined });
  assert.deepEqual(pace.at(82, 4), { rate: 0.5, left: 36 });
});
