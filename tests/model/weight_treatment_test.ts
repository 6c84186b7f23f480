import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { nesterovOfAll } from "../../model/optimizer.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { treatments } from "../../model/weight_treatment.ts";
import { useCpu } from "../support/eager.ts";

await useCpu();
const { variables } = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
const weights = variables.filter(({ kind }) => kind === "weight");
const part = (name: string) => name.split("/").at(-1)!;

Deno.test("kernels alone decay: no scale, offset or bias does", () => {
  const treatmentOf = treatments({ decayed: "kernels" });
  const decay = Object.fromEntries(weights.map((weight) => [part(weight.name), treatmentOf(weight).decay]));
  assert.deepEqual(decay, { kernel: 1, gamma: 0, beta: 0, bias: 0 });
});

Deno.test("an offset with a higher rate loses to decay what it loses with the plain rate", () => {
  const treatmentOf = treatments({ decayed: "all", offsetRate: 64 });
  for (const weight of weights) {
    const { rate, decay } = treatmentOf(weight);
    assert.equal(rate, ["beta", "bias"].includes(part(weight.name)) ? 64 : 1);
    assert.equal(rate * decay, 1);
  }
});

Deno.test("frozen weights stay, others move", () => {
  const frozen = ["stem/conv/kernel", "stem/bn/gamma"];
  const treatmentOf = treatments({ decayed: "all", frozen });
  const values = weights.map(({ shape }) => tf.ones([...shape]));
  const after = nesterovOfAll(
    values,
    values,
    values,
    tf.scalar(0.1),
    { momentum: 0.9, weightDecay: 0.1 },
    (at) => treatmentOf(weights[at]!),
  );
  weights.forEach(({ name }, at) => {
    const same = after[at]!.weight.dataSync().every((value) => value === 1);
    assert.equal(same, frozen.includes(name), name);
  });
});
