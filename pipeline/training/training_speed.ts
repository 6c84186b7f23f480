/**
 * How fast an engine trains.
 *
 * @module
 */
import { stream } from "../../data/random.ts";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { median } from "../../engine/median.ts";
import { initialise } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { initialState, trainingStep } from "../../model/training_step.ts";
import { noiseInputs, stepInputSpecs } from "./step_inputs.ts";

export interface SpeedOptions {
  /** Images of a step. */
  readonly batch: number;
  /** [height, width, channels] */
  readonly imageShape: readonly [number, number, number];
  readonly signal?: AbortSignal;
}

/** Enough steps take this long. */
const SECONDS = 2;
/** At least so many steps, and at most. */
const [LEAST, MOST] = [2, 50];

/**
 * Images per second of a training step on noise: batch / median of steps after the first, which lays out the memory.
 *
 * @throws the signal's reason, if it is aborted
 */
export async function trainingSpeed(
  engine: Engine,
  net: Network,
  { batch, imageShape, signal }: SpeedOptions,
): Promise<number> {
  const fixed = noiseInputs(net, imageShape, batch);
  const initial = initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform));
  await using program = await engine.compile(
    trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }),
    stepInputSpecs(initial, net, imageShape, batch),
  );
  let state = uploadAll(engine, initial);
  const step = async (): Promise<number> => {
    signal?.throwIfAborted();
    const began = performance.now();
    const inputs = uploadAll(engine, fixed);
    const { loss, accuracy, ...after } = await program.run({ ...state, ...inputs });
    await loss!.read();
    disposeAll({ ...state, ...inputs, loss: loss!, accuracy: accuracy! });
    state = after;
    return (performance.now() - began) / 1000;
  };
  try {
    await step();
    const seconds: number[] = [];
    for (let total = 0; seconds.length < LEAST || total < SECONDS && seconds.length < MOST;) {
      seconds.push(await step());
      total += seconds.at(-1)!;
    }
    return batch / median(seconds);
  } finally {
    disposeAll(state);
  }
}
