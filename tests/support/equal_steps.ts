/**
 * Compares single steps of training on two engines, each from the same state.
 *
 * Two float32 implementations part within a few steps of one run, because rounding grows with every step and because a
 * ReLU whose input rounds to the other side of zero has another gradient. So each step starts from the reference's
 * state, on inputs where no ReLU is close to zero; there a step is smooth. The bound follows from the step itself: a
 * multiple of what one rounding of its inputs changes in the reference.
 */
import * as tf from "@tensorflow/tfjs";
import assert from "#assert";
import { disposeAll, type Engine, type HostTensor, type Program, readAll, uploadAll } from "../../engine/engine.ts";
import { relativeDifference } from "./equal_runs.ts";
import { uniformNumbers } from "./random_tensors.ts";
import { compileRun, firstState, inputsOf, type RunOptions } from "./training_run.ts";

type Tensors = Readonly<Record<string, HostTensor>>;

/** Distance from zero that the input of every ReLU keeps, relative to the largest input of that ReLU. */
const MARGIN = 1e-6;
/** Draws of inputs that are tried for a step before the test gives up. */
const DRAWS = 100;
/** Relative size of a rounding to float32. */
const ROUNDING = 2 ** -24;
/** A step rounds at many places in a row where the bound's rounding is at one: the inputs. */
const PLACES = 8;

class NearZeroError extends Error {}

/** Fails if a value is close to zero; an exact zero, such as padding, is the same on every engine. */
function keepAwayFromZero(values: Float32Array): void {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (values.some((value) => value !== 0 && Math.abs(value) < MARGIN * largest)) throw new NearZeroError();
}

/** Runs on the CPU backend; undefined if the input of a ReLU is close to zero. */
async function whereSmooth<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  const kernel = tf.getKernel("Relu", "cpu");
  const watched: tf.KernelConfig = {
    ...kernel,
    kernelFunc(args) {
      const { dataId } = (args.inputs as tf.NamedTensorInfoMap)["x"]!;
      keepAwayFromZero((args.backend as tf.KernelBackend).readSync(dataId) as Float32Array);
      return kernel.kernelFunc(args);
    },
  };
  const register = (config: tf.KernelConfig) => {
    tf.unregisterKernel("Relu", "cpu");
    tf.registerKernel(config);
  };
  register(watched);
  try {
    return await run();
  } catch (error) {
    if (error instanceof NearZeroError) return undefined;
    throw error;
  } finally {
    register(kernel);
  }
}

/** Runs one step; the loss stands among the results. */
async function takeStep(engine: Engine, program: Program, inputs: Tensors): Promise<Tensors> {
  const uploaded = uploadAll(engine, inputs);
  const results = await program.run(uploaded);
  const read = await readAll(results);
  disposeAll({ ...uploaded, ...results });
  return read;
}

/** The same tensors, each float moved by one rounding up or down. */
const rounded = (tensors: Tensors, seed: number): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }], at) => {
      if (!(data instanceof Float32Array)) return [name, { shape, data }];
      const next = uniformNumbers(1000 * seed + at);
      return [name, { shape, data: data.map((value) => value * (1 + (next() < 0.5 ? -2 : 2) * ROUNDING)) }];
    }),
  );

const differences = (actual: Tensors, expected: Tensors): Map<string, number> =>
  new Map(Object.entries(expected).map(([name, { data }]) => [name, relativeDifference(actual[name]!.data, data)]));

/**
 * Asserts that every step of a run gives the same state and loss on an engine as on the reference, the eager engine on
 * TensorFlow.js's CPU backend, but for rounding.
 */
export async function assertEqualSteps(engine: Engine, reference: Engine, run: RunOptions): Promise<void> {
  await using program = await compileRun(engine, run);
  await assertEqualStepsOf(engine, program, reference, run);
}

/**
 * Like {@linkcode assertEqualSteps}, of a step that is compiled already.
 *
 * @param program of the run, or of one that differs in its draws only
 */
export async function assertEqualStepsOf(
  engine: Engine,
  program: Program,
  reference: Engine,
  run: RunOptions,
): Promise<void> {
  await using expectation = await compileRun(reference, run);
  let state: Tensors = firstState(run);
  let draw = 0;
  for (let step = 0; step < run.steps; step++) {
    let inputs: Tensors, expected: Tensors | undefined;
    const last = draw + DRAWS;
    do {
      assert.ok(draw < last, `step ${step}: ${DRAWS} draws have a ReLU near zero`);
      inputs = { ...state, ...inputsOf(run, draw++) };
      expected = await whereSmooth(() => takeStep(reference, expectation, inputs));
    } while (!expected);
    const sensitivity = Math.max(
      ...differences(await takeStep(reference, expectation, rounded(inputs, step)), expected).values(),
    );
    const bound = PLACES * Math.max(sensitivity, ROUNDING);
    for (const [name, difference] of differences(await takeStep(engine, program, inputs), expected)) {
      assert.ok(
        difference <= bound,
        `step ${step}: ${name} differs by ${difference.toPrecision(2)}, ${bound.toPrecision(2)} is rounding`,
      );
    }
    const { loss: _loss, accuracy: _accuracy, ...after } = expected;
    state = after;
  }
}
