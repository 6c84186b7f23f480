/** Training steps of a named run on TensorFlow.js's CPU backend, for the worker of `in_double.ts` and outside it. */
import * as tf from "@tensorflow/tfjs";
import { eagerEngine } from "../../engine/eager.ts";
import { disposeAll, type HostTensor, readAll, uploadAll } from "../../engine/engine.ts";
import { cases } from "./equality_cases.ts";
import { compileRun } from "./training_run.ts";
import { useQuickFilterGradient } from "./filter_gradient.ts";

export type Tensors = Readonly<Record<string, HostTensor>>;

export interface StepsArguments {
  /** The name of the run. */
  readonly run: string;
  readonly state: Tensors;
  /** The other inputs of every step. */
  readonly inputs: readonly Tensors[];
  /** Gives up where the input of a ReLU is close to zero. */
  readonly smooth: boolean;
}

/** Distance from zero that the input of every ReLU keeps, relative to the largest input of that ReLU. */
const MARGIN = 1e-6;

class NearZeroError extends Error {}

useQuickFilterGradient();
let watching = false;
const relu = tf.getKernel("Relu", "cpu");
tf.unregisterKernel("Relu", "cpu");
tf.registerKernel({
  ...relu,
  kernelFunc(args) {
    const { dataId } = (args.inputs as tf.NamedTensorInfoMap)["x"]!;
    if (watching) keepAwayFromZero((args.backend as tf.KernelBackend).readSync(dataId) as Float32Array);
    return relu.kernelFunc(args);
  },
});

/** Fails if a value is close to zero; an exact zero, such as padding, is the same on every engine. */
function keepAwayFromZero(values: Float32Array): void {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (values.some((value) => value !== 0 && Math.abs(value) < MARGIN * largest)) throw new NearZeroError();
}

/** Returns the last state and the losses, or undefined if the steps are not smooth and have to be. */
export async function steps({ run, state, inputs, smooth }: StepsArguments): Promise<Tensors | undefined> {
  const engine = eagerEngine("cpu", "cpu", "the reference");
  await using program = await compileRun(engine, cases[run]!);
  let current = uploadAll(engine, state);
  const losses: number[] = [];
  watching = smooth;
  try {
    for (const step of inputs) {
      const uploaded = uploadAll(engine, step);
      const { loss, accuracy, ...after } = await program.run({ ...current, ...uploaded });
      losses.push((await loss!.read()).data[0]!);
      disposeAll({ ...current, ...uploaded, loss: loss!, accuracy: accuracy! });
      current = after;
    }
  } catch (error) {
    if (error instanceof NearZeroError) return undefined;
    throw error;
  } finally {
    watching = false;
  }
  const result = await readAll(current);
  disposeAll(current);
  return { ...result, losses: { shape: [losses.length], data: Float32Array.from(losses) } };
}
