/** A training step with every part of a recipe, compiled and eager, undisturbed and resumed. */
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import type { HostTensor } from "../../engine/engine.ts";
import { averagingAt, type AveragingName } from "../../model/averaging.ts";
import { initialise } from "../../model/initialise.ts";
import { drawFactors, parseShakeMode } from "../../model/shake_factors.ts";
import { weakened } from "../../model/shake_strength.ts";
import { initialState } from "../../model/training_step.ts";
import { useCpu } from "../support/eager.ts";
import { assertWithin, InDouble } from "../support/in_double.ts";
import { randomArray, uniformNumbers } from "../support/random_tensors.ts";
import { net, type RecipeArguments, recipeRunner, recipeSteps } from "../support/recipe_run.ts";

await useCpu();
const BATCH = 4, STEPS = 6;

/** Pictures are smaller in the first half of the run. */
const sideAt = (step: number) => step < STEPS / 2 ? 8 : 12;

/** Shares of the classes, [BATCH, classes]. */
function targetsAt(step: number): Float32Array {
  const numbers = randomArray([BATCH, net.classes], 50 + step).map(Math.exp);
  return numbers.map((number, at) => {
    const begin = at - at % net.classes;
    return number / numbers.subarray(begin, begin + net.classes).reduce((a, b) => a + b);
  });
}

function inputsAt(step: number, averaging: AveragingName): Record<string, HostTensor> {
  const side = sideAt(step), shape = { blocks: net.blocks.length, branches: net.branches, batch: BATCH };
  const drawn = drawFactors(
    parseShakeMode("shake-shake-image"),
    "normalized",
    shape,
    (image) => uniformNumbers(9 * step + image),
  );
  const { alpha, beta } = weakened(drawn, net.branches, step / STEPS);
  const factorShape = [shape.blocks, shape.branches, BATCH];
  const { keep, pull } = averagingAt(step, {
    averaging,
    steps: STEPS,
    averageDecay: 0.8,
    averageWarmup: true,
    averageFrom: 0.3,
    averageEvery: 2,
  });
  const scalar = (value: number): HostTensor => ({ shape: [], data: Float32Array.of(value) });
  return {
    images: { shape: [BATCH, side, side, 3], data: randomArray([BATCH, side, side, 3], step) },
    labels: { shape: [BATCH], data: Int32Array.from({ length: BATCH }, (_, at) => (at + step) % net.classes) },
    targets: { shape: [BATCH, net.classes], data: targetsAt(step) },
    alpha: { shape: factorShape, data: alpha },
    beta: { shape: factorShape, data: beta },
    learningRate: scalar(0.05),
    averageKeep: scalar(keep),
    ...(averaging === "lookahead" && { averagePull: scalar(pull) }),
  };
}

const initial = (averaging: AveragingName) => initialState(net, initialise(net.variables, uniformNumbers), averaging);

const compiled = await compiledEngine({ threads: 1 });

for (const averaging of ["ema", "swa", "lookahead"] as const) {
  const before = initial(averaging), run = recipeRunner(compiled, averaging);
  const inputs = Array.from({ length: STEPS }, (_, step) => inputsAt(step, averaging));
  const undisturbed = await run(before, inputs);

  Deno.test(`with ${averaging} compiled steps end within float32's rounding of those in double precision`, async () => {
    const argument = { averaging, from: before, inputs };
    using double = new InDouble<RecipeArguments>(new URL("../support/recipe_run.ts", import.meta.url), "recipeSteps");
    const exact = (await double.exact(argument))!, bounds = await double.bounds(argument, exact);
    assert.deepEqual(Object.keys(undisturbed).sort(), Object.keys(exact).sort());
    console.log(assertWithin(undisturbed, exact, bounds, averaging).text);
    assertWithin(await recipeSteps(argument), exact, bounds, "TensorFlow.js");
  });

  Deno.test(`with ${averaging} a resumed run ends with the bytes of an undisturbed one`, async () => {
    const half = await run(before, inputs.slice(0, 2));
    assert.deepEqual(await run(half, inputs.slice(2)), undisturbed);
  });

  Deno.test(`with ${averaging} the average is another state than the last, and a frozen weight stays`, () => {
    const kernel = (of: Record<string, HostTensor>, prefix = "") => of[`${prefix}weights/dense/kernel`]!.data;
    assert.notDeepEqual(kernel(undisturbed), kernel(before));
    if (averaging !== "lookahead") assert.notDeepEqual(kernel(undisturbed, "average/"), kernel(undisturbed));
    assert.deepEqual(undisturbed["weights/stem/conv/kernel"], before["weights/stem/conv/kernel"]);
  });
}
