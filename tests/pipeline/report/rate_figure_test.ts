import assert from "#assert";
import { drawRates } from "../../../pipeline/report/rate_figure.ts";

const points = [1e-3, 1e-2, 1e-1].map((rate, at) => ({ rate, loss: 3 - at, smoothed: 3 - at / 2 }));

Deno.test("the figure has a point for each loss and marks the proposed rate", async () => {
  const marked = await drawRates(points, "a sweep", 0.01);
  assert.match(marked, /a sweep/);
  assert.match(marked, /learning rate/);
  assert.match(marked, /#ea7a17/);
  assert.doesNotMatch(await drawRates(points, "a sweep", undefined), /#ea7a17/);
});
