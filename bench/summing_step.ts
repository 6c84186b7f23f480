/**
 * Measures the processor time of a step whose graph sums over processes, beside that of a process that is alone, in turns.
 * The sums return at once, so waiting for other processes is left out. Processor time counts, because other programs may
 * run meanwhile.
 *
 *     deno task bench:summing [--depth 26] [--width 32] [--images 64] [--steps 9]
 *
 * @module
 */
import { cpuUsage } from "node:process";
import { parseArgs } from "#parse-args";
import { compiledEngine, type CompiledOptions } from "../engine/compiled.ts";
import { type DeviceTensors, disposeAll, uploadAll } from "../engine/engine.ts";
import { median } from "../engine/median.ts";
import { trainingStep } from "../model/training_step.ts";
import { noiseInputs, stepInputSpecs } from "../pipeline/training/step_inputs.ts";
import { benchedNetwork, imageShape } from "./benched_network.ts";

const { values } = parseArgs({
  options: {
    depth: { type: "string", default: "26" },
    width: { type: "string", default: "32" },
    images: { type: "string", default: "64" },
    steps: { type: "string", default: "9" },
  },
});
const images = Number(values.images), steps = Number(values.steps);
const { net, state: initial } = benchedNetwork(values);
const inputs = noiseInputs(net, imageShape, images);

let sums = 0;
const processes = {
  sum: () => Promise.resolve(void sums++),
  sumNow: () => void sums++,
};
const kinds: Readonly<Record<string, CompiledOptions>> = {
  "alone": {},
  "sums inside the graph": { processes },
  "graph cut at sums": { processes, cutAtSums: true },
};

/** Compiles a step, and returns a function that runs it once and returns its milliseconds of processor time. */
async function stepOf(options: CompiledOptions) {
  const engine = await compiledEngine({ threads: 1, ...options });
  const together = options.processes && { size: 2, allReduce: engine.allReduce };
  const step = trainingStep(net, { momentum: 0.9, weightDecay: 1e-4, processes: together });
  const program = await engine.compile(step, stepInputSpecs(initial, net, imageShape, images));
  const given = uploadAll(engine, inputs);
  let state: DeviceTensors = uploadAll(engine, initial);
  return async () => {
    const before = cpuUsage();
    const { loss, accuracy, ...after } = await program.run({ ...state, ...given });
    const { user, system } = cpuUsage(before);
    disposeAll({ ...state, loss: loss!, accuracy: accuracy! });
    state = after;
    return (user + system) / 1000;
  };
}

const ready = await Promise.all(
  Object.entries(kinds).map(async ([name, options]) => ({ name, run: await stepOf(options), times: [] as number[] })),
);
// The first two steps lay out the memory.
for (let at = -2; at < steps; at++) {
  for (const { run, times } of ready) {
    const time = await run();
    if (at >= 0) times.push(time);
  }
}
const alone = ready[0]!.times;
const more = (time: number, than: number) => `${(100 * (time / than - 1)).toFixed(1)} %`;
console.log(
  `${net.title}, ${images} images, one thread, ${steps} steps in turns, ${sums / (2 * (steps + 2))} sums a step`,
);
for (const { name, times } of ready) {
  const [middle, least] = [median(times), Math.min(...times)];
  console.log(
    `${name.padEnd(22)} median ${middle.toFixed(0)} ms (${more(middle, median(alone))} more), ` +
      `least ${least.toFixed(0)} ms (${more(least, Math.min(...alone))} more)`,
  );
}
Deno.exit(0);
