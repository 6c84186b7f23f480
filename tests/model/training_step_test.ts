import assert from "#assert";
import { initialise } from "../../model/initialise.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { initialState } from "../../model/training_step.ts";
import { useCpu } from "../support/eager.ts";
import { uniformNumbers } from "../support/random_tensors.ts";

await useCpu();

Deno.test("the state holds weights, their momentum at 0, and statistics", () => {
  const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 3 });
  const state = initialState(net, initialise(net.variables, uniformNumbers));
  assert.deepEqual(state["momentum/dense/bias"], { shape: [3], data: new Float32Array(3) });
  assert.ok(state["weights/dense/bias"] && state["statistics/stem/bn/movingMean"]);
  assert.equal("momentum/stem/bn/movingMean" in state, false);
});
