import assert from "#assert";
import { samplingStride } from "../../data/sampling_stride.ts";

Deno.test("a stride visits every place of an image equally often", () => {
  for (const [total, sample, period] of [[64_000, 1000, 64], [96 * 500, 600, 96], [50_000 * 9, 9000, 9]] as const) {
    const stride = samplingStride(total, sample, period);
    const visits = new Array<number>(period).fill(0);
    let taken = 0;
    for (let at = 0; at < total; at += stride, taken++) visits[at % period]!++;
    assert.ok(Math.max(...visits) - Math.min(...visits) <= 1, `${visits}`);
    assert.ok(taken <= sample && taken > 0.8 * sample, `${taken} of ${sample}`);
  }
});

Deno.test("few places are all taken", () => assert.equal(samplingStride(100, 1000, 10), 1));
