/** A few steps of training on seeded images, on any engine. */
import { disposeAll, type Engine, type HostTensor, type Program, readAll, uploadAll } from "../../engine/engine.ts";
import { initialise } from "../../model/initialise.ts";
import { drawFactors, parseShakeMode, type Sampling, type ShakeModeName } from "../../model/shake_factors.ts";
import type { Network } from "../../model/network.ts";
import type { Part } from "../../data/batches.ts";
import { initialState, type StepOptions, trainingStep } from "../../model/training_step.ts";
import { randomArray, uniformNumbers } from "./random_tensors.ts";

export interface RunOptions {
  readonly net: Network;
  readonly steps: number;
  readonly batch: number;
  /** Height and width of the images. */
  readonly side: number;
  readonly shake: ShakeModeName;
  /** Default: normalized. */
  readonly sampling?: Sampling;
  /** The part of each batch that is trained on, beside other processes; default: all of it. */
  readonly part?: Part;
  /** Options of the step beside those of the optimizer. */
  readonly options?: Pick<StepOptions, "syncBatchNorm">;
}

export interface RunResult {
  readonly state: Readonly<Record<string, HostTensor>>;
  readonly losses: readonly number[];
}

/** The inputs of a step beside the state: images, labels and draws, which depend on the options and `draw` alone. */
export function inputsOf(
  { net, batch: whole, side, shake, sampling = "normalized", part = { index: 0, count: 1 } }: RunOptions,
  draw: number,
): Record<string, HostTensor> {
  const batch = whole / part.count, first = part.index * batch;
  const shape = { blocks: net.blocks.length, branches: net.branches, batch, first };
  const factorShape = [shape.blocks, shape.branches, batch];
  const pixels = side * side * 3;
  const uniformFor = (image: number) => uniformNumbers(1000 * draw + image);
  const { alpha, beta } = drawFactors(parseShakeMode(shake), sampling, shape, uniformFor);
  return {
    images: {
      shape: [batch, side, side, 3],
      data: randomArray([whole * pixels], draw).subarray(first * pixels, (first + batch) * pixels),
    },
    labels: {
      shape: [batch],
      data: Int32Array.from({ length: batch }, (_, at) => (first + at + draw) % net.classes),
    },
    alpha: { shape: factorShape, data: alpha },
    beta: { shape: factorShape, data: beta },
    learningRate: { shape: [], data: Float32Array.of(0.05) },
  };
}

/** The state before the first step. */
export const firstState = ({ net }: RunOptions): Record<string, HostTensor> =>
  initialState(net, initialise(net.variables, uniformNumbers));

/** Compiles the training step of a run. */
export function compileRun(engine: Engine, run: RunOptions): Promise<Program> {
  const { net, part = { index: 0, count: 1 }, options = {} } = run;
  const specs = Object.fromEntries(
    Object.entries({ ...firstState(run), ...inputsOf(run, 0) }).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: data instanceof Int32Array ? "int32" as const : "float32" as const },
    ]),
  );
  const processes = part.count > 1 ? { size: part.count, allReduce: engine.allReduce } : undefined;
  return engine.compile(trainingStep(net, { momentum: 0.9, weightDecay: 1e-2, processes, ...options }), specs);
}

/**
 * Trains; the images, labels and draws depend on the arguments alone.
 *
 * @param firstDraw the draw of the first step
 */
export async function runSteps(engine: Engine, run: RunOptions, firstDraw = 0): Promise<RunResult> {
  await using program = await compileRun(engine, run);
  let state = uploadAll(engine, firstState(run));
  const losses: number[] = [];
  for (let step = 0; step < run.steps; step++) {
    const inputs = uploadAll(engine, inputsOf(run, firstDraw + step));
    const { loss, accuracy, ...after } = await program.run({ ...state, ...inputs });
    losses.push((await loss!.read()).data[0]!);
    disposeAll({ ...state, ...inputs, loss: loss!, accuracy: accuracy! });
    state = after;
  }
  const result = await readAll(state);
  disposeAll(state);
  return { state: result, losses };
}
