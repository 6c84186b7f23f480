/**
 * Compares steps of training on an engine with the same steps in double precision.
 *
 * Float32 implementations part within a few steps of one run, because rounding grows with every step and because a ReLU whose
 * input rounds to the other side of zero has another gradient. So each step starts from the exact state, rounded, on inputs
 * where no ReLU is close to zero; there a step is smooth. The bound of each tensor is that of `in_double.ts`.
 */
import assert from "#assert";
import { disposeAll, type Engine, type HostTensor, type Program, readAll, uploadAll } from "../../engine/engine.ts";
import { steps, type StepsArguments, type Tensors } from "./double_steps.ts";
import { cases } from "./equality_cases.ts";
import { assertWithin, InDouble } from "./in_double.ts";
import { compileRun, firstState, inputsOf, runSteps } from "./training_run.ts";

/** Draws of inputs that are tried for a step before the test gives up. */
const DRAWS = 100;

export type StepsInDouble = InDouble<StepsArguments>;

/** The steps of named runs in double precision. */
export const stepsInDouble = (): StepsInDouble => new InDouble(new URL("./double_steps.ts", import.meta.url), "steps");

/** Runs one step; the loss is a list, as in {@linkcode steps}. */
async function takeStep(engine: Engine, program: Program, inputs: Tensors): Promise<Tensors> {
  const uploaded = uploadAll(engine, inputs);
  const results = await program.run(uploaded);
  const { loss, accuracy: _, ...state } = await readAll(results);
  disposeAll({ ...uploaded, ...results });
  return { ...state, losses: { shape: [1], data: loss!.data } };
}

/** Rounds doubles to float32. */
const inFloats = (tensors: Awaited<ReturnType<StepsInDouble["exact"]>>): Record<string, HostTensor> =>
  Object.fromEntries(
    Object.entries(tensors!).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );

/**
 * Asserts that every step of a run gives the state and the loss of double precision on an engine, as on TensorFlow.js's CPU
 * backend, but for rounding.
 *
 * @param name of the run, in `equality_cases.ts`
 * @returns the largest error of the engine
 */
export async function assertEqualSteps(engine: Engine, double: StepsInDouble, name: string): Promise<string> {
  await using program = await compileRun(engine, cases[name]!);
  return await assertEqualStepsOf(engine, program, double, name);
}

/**
 * Like {@linkcode assertEqualSteps}, of a step that is compiled already.
 *
 * @param program of the run, or of one that differs in its draws only
 */
export async function assertEqualStepsOf(
  engine: Engine,
  program: Program,
  double: StepsInDouble,
  name: string,
): Promise<string> {
  const run = cases[name]!;
  let state: Tensors = firstState(run), draw = 0;
  let worst = { share: 0, text: "" };
  for (let step = 0; step < run.steps; step++) {
    let argument: StepsArguments, exact: Awaited<ReturnType<StepsInDouble["exact"]>>;
    const last = draw + DRAWS;
    do {
      assert.ok(draw < last, `step ${step}: ${DRAWS} draws have a ReLU near zero`);
      argument = { run: name, state, inputs: [inputsOf(run, draw++)], smooth: true };
      exact = await double.exact(argument);
    } while (!exact);
    const bounds = await double.bounds({ ...argument, smooth: false }, exact);
    const compiled = await takeStep(engine, program, { ...state, ...argument.inputs[0] });
    const error = assertWithin(compiled, exact, bounds, `step ${step}`);
    if (error.share > worst.share) worst = error;
    assertWithin((await steps({ ...argument, smooth: false }))!, exact, bounds, `step ${step} of TensorFlow.js`);
    const { losses: _, ...after } = inFloats(exact);
    state = after;
  }
  return worst.text;
}

/** Asserts that the steps of one run end within the bounds of the same steps in double precision. */
export async function assertEqualRun(
  engine: Engine,
  double: StepsInDouble,
  name: string,
  count: number,
): Promise<string> {
  const run = { ...cases[name]!, steps: count };
  for (let first = 0; first < DRAWS; first += count) {
    const inputs = Array.from({ length: count }, (_, step) => inputsOf(run, first + step));
    const argument: StepsArguments = { run: name, state: firstState(run), inputs, smooth: true };
    const exact = await double.exact(argument);
    if (!exact) continue;
    const bounds = await double.bounds({ ...argument, smooth: false }, exact);
    const { state, losses } = await runSteps(engine, run, first);
    const actual = { ...state, losses: { shape: [count], data: Float32Array.from(losses) } };
    return assertWithin(actual, exact, bounds, `${count} steps`).text;
  }
  assert.fail(`${DRAWS} draws have a ReLU near zero`);
}
