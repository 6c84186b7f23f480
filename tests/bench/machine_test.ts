import assert from "#assert";
import { describeMachine, processorFeatures } from "../../bench/machine.ts";

Deno.test("the instruction sets of products are named, of Intel's processors and of Arm's", () => {
  assert.deepEqual(processorFeatures("model name\t: AMD EPYC\nflags\t\t: fpu sse2 avx f16c avx2 fma avx512f\n"), [
    "AVX",
    "AVX2",
    "FMA",
    "AVX-512",
  ]);
  assert.deepEqual(processorFeatures("Features\t: fp asimd asimddp bf16\n"), ["NEON", "NEON dot products", "bfloat16"]);
  assert.deepEqual(processorFeatures(""), []);
});

Deno.test("the machine has a number of cores", async () => {
  assert.match(await describeMachine(), /^.+, [1-9]\d* cores/);
});
