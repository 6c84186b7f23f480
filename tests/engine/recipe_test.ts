/** A training step with every part of a recipe, compiled and eager, undisturbed and resumed. */
import assert from "#assert";
import { compiledEngine } from "../../engine/compiled.ts";
import { eagerEngine } from "../../engine/eager.ts";
import { disposeAll, type Engine, type HostTensor, type Program, readAll, uploadAll } from "../../engine/engine.ts";
import { averagingAt, type AveragingName } from "../../model/averaging.ts";
import { initialise } from "../../model/initialise.ts";
import { drawFactors, parseShakeMode } from "../../model/shake_factors.ts";
import { weakened } from "../../model/shake_strength.ts";
import { shakeNet } from "../../model/shakenet.ts";
import { initialState, type StepOptions, trainingStep } from "../../model/training_step.ts";
import { assertClose } from "../support/assert_close.ts";
import { useCpu } from "../support/eager.ts";
import { randomArray, uniformNumbers } from "../support/random_tensors.ts";

await useCpu();
const BATCH = 4, STEPS = 6;
const net = shakeNet({ depth: 8, width: 4, branches: 2, classes: 3 });

const stepOptions = (averaging: AveragingName): StepOptions => ({
  momentum: 0.9,
  weightDecay: 1e-2,
  labelSmoothing: 0.1,
  clipNorm: 0.5,
  treatment: { decayed: "kernels", offsetRate: 4, frozen: ["stem/conv/kernel"] },
  averaging,
});

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

/** Runs steps; a program for each side is compiled once. */
function runner(engine: Engine, averaging: AveragingName) {
  const programs = new Map<number, Promise<Program>>();
  const programOf = (step: number, inputs: Record<string, HostTensor>): Promise<Program> => {
    const specs = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => [
        name,
        { shape, dtype: data instanceof Int32Array ? "int32" as const : "float32" as const },
      ]),
    );
    const program = programs.get(sideAt(step)) ??
      engine.compile(trainingStep(net, stepOptions(averaging)), specs);
    programs.set(sideAt(step), program);
    return program;
  };
  /** The state after the steps from one to another, from a state. */
  return async ([begin, end]: readonly [number, number], from: Record<string, HostTensor>) => {
    let state = uploadAll(engine, from);
    for (let step = begin; step < end; step++) {
      const host = inputsAt(step, averaging);
      const program = await programOf(step, { ...from, ...host });
      const inputs = uploadAll(engine, host);
      const { loss, accuracy, ...after } = await program.run({ ...state, ...inputs });
      disposeAll({ ...state, ...inputs, loss: loss!, accuracy: accuracy! });
      state = after;
    }
    const result = await readAll(state);
    disposeAll(state);
    return result;
  };
}

const compiled = await compiledEngine({ threads: 1 });
const eager = eagerEngine("cpu", "cpu", "the reference");

for (const averaging of ["ema", "swa", "lookahead"] as const) {
  const before = initial(averaging), run = runner(compiled, averaging);
  const undisturbed = await run([0, STEPS], before);

  Deno.test(`with ${averaging} the compiled step computes what the eager step does`, async () => {
    const expected = await runner(eager, averaging)([0, STEPS], before);
    assert.deepEqual(Object.keys(undisturbed).sort(), Object.keys(expected).sort());
    for (const [name, { data }] of Object.entries(expected)) assertClose(undisturbed[name]!.data, data, 2e-3, name);
  });

  Deno.test(`with ${averaging} a resumed run ends with the bytes of an undisturbed one`, async () => {
    const half = await run([0, 2], before);
    assert.deepEqual(await run([2, STEPS], half), undisturbed);
  });

  Deno.test(`with ${averaging} the average is another state than the last, and a frozen weight stays`, () => {
    const kernel = (of: Record<string, HostTensor>, prefix = "") => of[`${prefix}weights/dense/kernel`]!.data;
    assert.notDeepEqual(kernel(undisturbed), kernel(before));
    if (averaging !== "lookahead") assert.notDeepEqual(kernel(undisturbed, "average/"), kernel(undisturbed));
    assert.deepEqual(undisturbed["weights/stem/conv/kernel"], before["weights/stem/conv/kernel"]);
  });
}
