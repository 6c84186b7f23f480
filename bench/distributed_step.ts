/**
 * Measures the cost of training together: the step of a process alone, with summed gradients, and with shared batch norm
 * too, each in all processes at once; and the time of sums.
 *
 *     mpirun -np 2 deno task bench:distributed [--depth 26] [--width 32] [--images 64] [--threads 1] [--steps 9]
 *
 * @module
 */
import { parseArgs } from "#parse-args";
import { openMpi } from "../engine/distributed/open_mpi.ts";
import { type DeviceTensors, disposeAll, type Engine, uploadAll } from "../engine/engine.ts";
import { median } from "../engine/median.ts";
import { selectEngine } from "../engine/select.ts";
import { initialise } from "../model/initialise.ts";
import { shakeNet } from "../model/shakenet.ts";
import { initialState, trainingStep } from "../model/training_step.ts";
import { stream } from "../data/random.ts";
import { noiseInputs, stepInputSpecs } from "../pipeline/training/step_inputs.ts";

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

const group = await openMpi({ timeout: 300 });
const say = (line: string) => group.rank === 0 && console.log(line);
const net = shakeNet({ depth, width, branches: 2, classes: 10 });
const initial = initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform));
const imageShape = [32, 32, 3] as const;
const inputs = noiseInputs(net, imageShape, images);

/** Sums of a step: their number, size and time, which includes waiting for the slowest process. */
interface Exchange {
  calls: number;
  bytes: number;
  milliseconds: number;
}

const exchange: Exchange = { calls: 0, bytes: 0, milliseconds: 0 };
const counted = (values: Float32Array<ArrayBuffer>, began: number) => {
  exchange.calls++;
  exchange.bytes += values.byteLength;
  exchange.milliseconds += performance.now() - began;
};
const processes = {
  sumNow(values: Float32Array<ArrayBuffer>) {
    const began = performance.now();
    group.sumNow(values);
    counted(values, began);
  },
  async sum(values: Float32Array<ArrayBuffer>) {
    const began = performance.now();
    await group.sum(values);
    counted(values, began);
  },
};

/** Measures the median time of a step in milliseconds, and the mean of its sums. */
async function measure(engine: Engine, options: { together: boolean; syncBatchNorm: boolean }) {
  const step = trainingStep(net, {
    ...{ momentum: 0.9, weightDecay: 1e-4, syncBatchNorm: options.syncBatchNorm },
    processes: options.together ? { size: group.size, allReduce: engine.allReduce } : undefined,
  });
  await using program = await engine.compile(step, stepInputSpecs(initial, net, imageShape, images));
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
  disposeAll({ ...state, ...given });
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
await group.finish();
Deno.exit(0);
