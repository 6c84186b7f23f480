/**
 * How fast an engine trains.
 *
 * @module
 */
import { stream } from "../../data/random.ts";
import { disposeAll, type Engine, uploadAll } from "../../engine/engine.ts";
import { initialise } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { initialState, trainingStep } from "../../model/training_step.ts";
import { stepInputs } from "./step_inputs.ts";

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
  const fixed = inputsOf(net, batch, imageShape);
  const initial = initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform));
  const specs = Object.entries({ ...initial, ...fixed }).map(([name, { shape, data }]) => {
    const dtype = data instanceof Int32Array ? "int32" as const : "float32" as const;
    return [name, { shape, dtype }] as const;
  });
  const program = await engine.compile(
    trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }),
    Object.fromEntries(specs),
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
    return batch / seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)]!;
  } finally {
    disposeAll(state);
    await program.dispose();
  }
}

/** What a step on noise takes beside the state. */
function inputsOf(net: Network, batch: number, imageShape: SpeedOptions["imageShape"]) {
  const { branches } = net;
  const options = { seed: 1, batch, branches, shake: "shake-shake-image", sampling: "normalized" } as const;
  const uniform = stream(1, "augmentation").uniform;
  const size = batch * imageShape.reduce((a, b) => a * b);
  const images = Float32Array.from({ length: size }, () => 2 * uniform() - 1);
  const labels = Int32Array.from({ length: batch }, (_, at) => at % net.classes);
  return stepInputs(options, net, { imageShape }, 0, { count: batch, images, labels }, 0.1);
}
