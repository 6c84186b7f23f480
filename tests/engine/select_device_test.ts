import assert from "node:assert/strict";
import { compare } from "../../engine/select_device.ts";
import { selectEngine } from "../../engine/select.ts";
import { convolutionTrial } from "../../engine/trial.ts";

const cpu = { seconds: 0.02, result: [1, -2, 3] };

Deno.test("WebGPU is taken if its trial is right and clearly faster", () => {
  assert.deepEqual(compare({ seconds: 0.002, result: [1.0001, -2, 3] }, cpu), {
    better: true,
    reason: "a trial convolution is 10 times as fast on WebGPU as on the CPU",
  });
});

Deno.test("WebGPU is not taken if its trial is no faster", () => {
  assert.equal(compare({ seconds: 0.02, result: [1, -2, 3] }, cpu).better, false);
});

for (const wrong of [3.1, NaN]) {
  Deno.test(`WebGPU is not taken if its trial gives ${wrong} for 3`, () => {
    const { better, reason } = compare({ seconds: 0.002, result: [1, -2, wrong] }, cpu);
    assert.equal(better, false);
    assert.match(reason, /^a trial convolution on WebGPU is wrong by /);
  });
}

Deno.test("the trial gives a number for each image", async () => {
  const { engine } = await selectEngine("onnxruntime", { device: "cpu" });
  const { seconds, result } = await convolutionTrial(engine);
  assert.ok(seconds > 0);
  assert.equal(result.length, 64);
  assert.ok(result.every((mean) => mean > 0 && Number.isFinite(mean)));
});

Deno.test("a device that cannot be used says why and what to do", async () => {
  for (const device of ["webgpu", "cuda"] as const) {
    const error = await selectEngine("onnxruntime", { device }).then(() => undefined, (error: Error) => error);
    if (error) {
      assert.match(error.message, new RegExp(`^device ${device} cannot be used: .+; .+, or use --device cpu$`));
    }
  }
});
