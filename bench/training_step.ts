/**
 * Images per second of the compiled training step of ShakeNet, with augmentation and draws, beside another
 * implementation's in the same minutes.
 *
 *     deno task bench [--depth 26] [--width 32] [--batch 128] [--threads N] [--steps 5] [--rounds 3] [--baseline "COMMAND"]
 *
 * The baseline is a command that prints a line `train <number> images/s`; rounds of both alternate, medians are compared.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { trainingBatches } from "../data/batches.ts";
import type { Dataset } from "../data/dataset.ts";
import { stream } from "../data/random.ts";
import { type DeviceTensors, disposeAll, uploadAll } from "../engine/engine.ts";
import { selectEngine } from "../engine/select.ts";
import { initialise } from "../model/initialise.ts";
import { drawFactors } from "../model/shake_factors.ts";
import { shakeNet } from "../model/shakenet.ts";
import { initialState, trainingStep } from "../model/training_step.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    depth: { type: "string", default: "26" },
    width: { type: "string", default: "32" },
    batch: { type: "string", default: "128" },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    steps: { type: "string", default: "5" },
    rounds: { type: "string", default: "3" },
    baseline: { type: "string" },
  },
});
const [depth, width, batch, threads, steps, rounds] = [
  values.depth,
  values.width,
  values.batch,
  values.threads,
  values.steps,
  values.rounds,
].map(Number) as [number, number, number, number, number, number];

const net = shakeNet({ depth, width, branches: 2, classes: 10 });
const { engine } = await selectEngine("onnxruntime", { threads });
const dataset = noise(1000);
const batchAt = trainingBatches(dataset, { seed: 1, batch, augment: "standard", shuffle: true });

/** Everything that a step takes beside the state. */
function inputsAt(step: number): DeviceTensors {
  const shape = { blocks: net.blocks.length, branches: net.branches, batch };
  const mode = { forward: "shake", backward: "shake", level: "image" } as const;
  const { alpha, beta } = drawFactors(mode, "normalized", shape, (image) => stream(1, "shake", step, image).uniform);
  const factorShape = [shape.blocks, shape.branches, batch];
  const { images, labels } = batchAt(step);
  return uploadAll(engine, {
    images: { shape: [batch, ...dataset.imageShape], data: images },
    labels: { shape: [batch], data: labels },
    alpha: { shape: factorShape, data: alpha },
    beta: { shape: factorShape, data: beta },
    learningRate: { shape: [], data: Float32Array.of(0.1) },
  });
}

let state = uploadAll(
  engine,
  initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform)),
);
const specs = Object.fromEntries(
  Object.entries({ ...state, ...inputsAt(0) }).map(([name, { shape }]) => [
    name,
    { shape, dtype: name === "labels" ? "int32" as const : "float32" as const },
  ]),
);
const begun = performance.now();
const program = await engine.compile(trainingStep(net, { momentum: 0.9, weightDecay: 1e-4 }), specs);
console.log(`${engine.description}; ShakeNet-${depth} 2x${width}d, batch ${batch}`);
console.log(`compiled in ${((performance.now() - begun) / 1000).toFixed(1)} s`);

let step = 0;
async function trainStep(): Promise<number> {
  const start = performance.now();
  const inputs = inputsAt(step++);
  const { loss, accuracy, ...after } = await program.run({ ...state, ...inputs });
  disposeAll({ ...state, ...inputs, loss: loss!, accuracy: accuracy! });
  state = after;
  return (performance.now() - start) / 1000;
}

const ours: number[] = [], theirs: number[] = [];
// The first steps lay out the memory.
for (let warm = 0; warm < 3; warm++) await trainStep();
for (let round = 0; round < rounds; round++) {
  const seconds: number[] = [];
  for (let at = 0; at < steps; at++) seconds.push(await trainStep());
  ours.push(batch / median(seconds));
  if (values.baseline) theirs.push(await baseline(values.baseline));
  console.log(
    [`round ${round + 1}: ${ours.at(-1)!.toFixed(1)} images/s`, theirs.at(-1)?.toFixed(1) ?? []].flat().join(
      ", baseline ",
    ),
  );
}
console.log(`median ${median(ours).toFixed(1)} images/s`);
if (theirs.length) {
  console.log(`baseline ${median(theirs).toFixed(1)} images/s, ratio ${(median(ours) / median(theirs)).toFixed(2)}`);
}

async function baseline(command: string): Promise<number> {
  const [program, ...args] = command.split(" ");
  const { stdout } = await new Deno.Command(program!, { args, stderr: "inherit" }).output();
  const speed = /^train ([\d.]+) images\/s/m.exec(new TextDecoder().decode(stdout))?.[1];
  if (speed === undefined) throw new Error(`${command} printed no line "train <number> images/s"`);
  return Number(speed);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** Images of hashed bytes; speed does not depend on what they show. */
function noise(count: number): Dataset {
  const images = Uint8Array.from({ length: count * 3072 }, (_, at) => (at * 2654435761) >>> 24);
  const split = { count, images, labels: Uint8Array.from({ length: count }, (_, at) => at % 10) };
  return {
    name: "noise",
    labels: Array.from({ length: 10 }, (_, label) => `${label}`),
    imageShape: [32, 32, 3],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
    train: split,
    test: split,
  };
}
