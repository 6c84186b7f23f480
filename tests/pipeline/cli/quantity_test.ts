import assert from "#assert";
import { durationText, rateText } from "../../../pipeline/cli/quantity.ts";

Deno.test("durations and rates have the units and digits that people read", () => {
  assert.deepEqual([12.4, 200, 3900, 90_000].map(durationText), ["12s", "3m20s", "1h05m", "25h00m"]);
  assert.deepEqual([0.5213, 5.213, 52.13, 521.3].map(rateText), ["0.52", "5.21", "52.1", "521"]);
});
