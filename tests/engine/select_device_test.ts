import assert from "#assert";
import { compare } from "../../engine/select_device.ts";

const cpu = { seconds: 0.02, result: [1, -2, 3] };

Deno.test("WebGPU is taken if its trial is right and clearly faster", () => {
  assert.deepEqual(compare({ seconds: 0.002, result: [1.0001, -2, 3] }, cpu), {
    better: true,
    reason: "a trial step is 10 times as fast on WebGPU as on the CPU",
  });
});

Deno.test("WebGPU is not taken if its trial is no faster", () => {
  assert.equal(compare({ seconds: 0.02, result: [1, -2, 3] }, cpu).better, false);
});

for (const wrong of [3.1, NaN]) {
  Deno.test(`WebGPU is not taken if its trial gives ${wrong} for 3`, () => {
    const { better, reason } = compare({ seconds: 0.002, result: [1, -2, wrong] }, cpu);
    assert.equal(better, false);
    assert.match(reason, /^a trial step on WebGPU is wrong by /);
  });
}
