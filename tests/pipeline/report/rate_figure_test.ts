import assert from "#assert";
import { drawRates, shownLosses } from "../../../pipeline/report/rate_figure.ts";

const points = [1e-3, 1e-2, 1e-1].map((rate, at) => ({ rate, loss: 3 - at, smoothed: 3 - at / 2 }));

Deno.test("the figure has a point for each loss and marks the proposed rate", async () => {
  const marked = await drawRates(points, "a sweep", 0.01);
  assert.match(marked, /a sweep/);
  assert.match(marked, /learning rate/);
  assert.match(marked, /#c2410c/);
  assert.doesNotMatch(await drawRates(points, "a sweep", undefined), /#c2410c/);
});

Deno.test("losses that explode at the end leave the fall its height", () => {
  const exploded = [...points, { rate: 1, loss: 900, smoothed: 92 }];
  // The smoothed loss falls from 3 to 2: 0.6 of that above 3. The least loss is 1.
  assert.deepEqual(shownLosses(exploded), [1, 3.6]);
});

Deno.test("losses that never fall are shown to twice the least", () => {
  assert.deepEqual(shownLosses([1, 2, 50].map((loss) => ({ rate: loss, loss, smoothed: loss }))), [1, 2]);
});
