/**
 * What training together costs a step: the step of a process alone, with the gradients summed, and with batch norm shared
 * too, each in all processes at once; and how long sums take.
 *
 *     mpirun -np 2 deno task bench:distributed [--depth 26] [--width 32] [--images 64] [--threads 1] [--steps 9]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { openMpi } from "../engine/distributed/open_mpi.ts";
import { type DeviceTensors, disposeAll, type Engine, uploadAll } from "../engine/engine.ts";
import { selectEngine } from "../engine/select.ts";
import { initialise } from "../model/initialise.ts";
import { shakeNet } from "../model/shakenet.ts";
import { initialState, trainingStep } from "../model/training_step.ts";
import { stream } from "../data/random.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    depth: { type: "string", default: "26" },
    width: { type: "string", default: "32" },
    images: { type: "string", default: "64" },
    threads: { type: "string", default: "1" },
    steps: { type: "string", default: "9" },
  },
});
const { depth, width, images, threads, steps } = Object.fromEntries(
  Object.entries(values).map(([name, text]) => [name, Number(text)]),
) as Record<keyof typeof values, number>;

const group = openMpi();
const say = (line: string) => group.rank === 0 && console.log(line);
const net = shakeNet({ depth, width, branches: 2, classes: 10 });
const initial = initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform));
const numbers = (shape: number[], purpose: number) => {
  const { uniform } = stream(purpose, "shapes");
  return { shape, data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, uniform) };
};
const inputs = {
  images: numbers([images, 32, 32, 3], 1),
  labels: { shape: [images], data: Int32Array.from({ length: images }, (_, at) => at % 10) },
  alpha: numbers([net.blocks.length, 2, images], 2),
  beta: numbers([net.blocks.length, 2, images], 3),
  learningRate: { shape: [], data: Float32Array.of(0.01) },
};

/** Sums of a step: how many, of how much, and how long they took, waiting for the slowest process included. */
interface Exchange {
  calls: number;
  bytes: number;
  milliseconds: number;
}

const exchange: Exchange = { calls: 0, bytes: 0, milliseconds: 0 };
const processes = {
  sumNow: group.sumNow,
  async sum(values: Float32Array<ArrayBuffer>) {
    const began = performance.now();
    await group.sum(values);
    exchange.calls++;
    exchange.bytes += values.byteLength;
    exchange.milliseconds += performance.now() - began;
  },
};

/** The median time of a step in milliseconds, and the mean of its sums. */
async function measure(engine: Engine, options: { together: boolean; syncBatchNorm: boolean }) {
  const specs = Object.fromEntries(
    Object.entries({ ...initial, ...inputs }).map(([name, { shape, data }]) => [
      name,
      { shape, dtype: data instanceof Int32Array ? "int32" as const : "float32" as const },
    ]),
  );
  const step = trainingStep(net, {
    ...{ momentum: 0.9, weightDecay: 1e-4, syncBatchNorm: options.syncBatchNorm },
    processes: options.together ? { size: group.size, allReduce: engine.allReduce } : undefined,
  });
  const program = await engine.compile(step, specs);
  const given = uploadAll(engine, inputs);
  let state: DeviceTensors = uploadAll(engine, initial);
  const times: number[] = [];
  // The first steps lay out the memory.
  for (let at = -3; at < steps; at++) {
    await group.sum(new Float32Array(1));
    if (at === 0) Object.assign(exchange, { calls: 0, bytes: 0, milliseconds: 0 });
    const began = performance.now();
    const { loss, accuracy, ...after } = await program.run({ ...state, ...given });
    if (at >= 0) times.push(performance.now() - began);
    disposeAll({ ...state, loss: loss!, accuracy: accuracy! });
    state = after;
  }
  disposeAll(state);
  await program.dispose();
  const { calls, bytes, milliseconds } = exchange;
  return { step: median(times), calls: calls / steps, bytes: bytes / steps, sums: milliseconds / steps };
}

say(
  `${net.title}, ${images} images in each of ${group.size} processes with ${threads} threads, median of ${steps} steps`,
);
const alone = await measure((await selectEngine("onnxruntime", { threads })).engine, {
  ...{ together: false, syncBatchNorm: false },
});
say(`alone                    ${alone.step.toFixed(0)} ms`);
for (const syncBatchNorm of [false, true]) {
  const { engine } = await selectEngine("onnxruntime", { threads, processes });
  const { step, calls, bytes, sums } = await measure(engine, { together: true, syncBatchNorm });
  const share = (milliseconds: number) => `${(100 * milliseconds / step).toFixed(1)} %`;
  say(
    `${syncBatchNorm ? "gradients and batch norm" : "gradients               "} ${step.toFixed(0)} ms, ` +
      `${share(step - alone.step)} of it more than alone; ${calls} sums of ${(bytes / 1e6).toFixed(2)} MB take ` +
      `${sums.toFixed(1)} ms, ${share(sums)}`,
  );
}
for (const count of [256, 2_923_162]) {
  const values = new Float32Array(count), times: number[] = [];
  for (let at = 0; at < 30; at++) {
    const began = performance.now();
    await group.sum(values);
    times.push(performance.now() - began);
  }
  say(`a sum of ${count} numbers takes ${median(times).toFixed(3)} ms`);
}
group.finish();
Deno.exit(0);

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}
