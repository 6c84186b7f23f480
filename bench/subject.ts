/**
 * The subject of the measurements: ShakeNet-26 of two branches on images of noise. Speed does not depend on the images.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "#parse-args";
import { z } from "zod";
import type { Dataset } from "../data/dataset.ts";
import { stream } from "../data/random.ts";
import { engineNames } from "../engine/engine_names.ts";
import { initialise } from "../model/initialise.ts";
import { shakeNet } from "../model/shakenet.ts";
import { initialState } from "../model/training_step.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    width: { type: "string", default: "32" },
    batch: { type: "string", default: "128" },
    threads: { type: "string", default: String(navigator.hardwareConcurrency) },
    steps: { type: "string", default: "5" },
    engine: { type: "string", default: "onnxruntime" },
    models: { type: "string" },
  },
});

/** Filters of the first stage, images of a batch, threads, and number of timings. */
export const [width, batch, threads, steps] = [values.width, values.batch, values.threads, values.steps].map(
  Number,
) as [
  number,
  number,
  number,
  number,
];

/** The engine that trains. */
export const engineName = z.enum(engineNames).parse(values.engine);

/** A folder for the models that are measured, for other programs to read; undefined keeps them in memory. */
export const modelFolder = values.models;

export const net = shakeNet({ depth: 26, width, branches: 2, classes: 10 });

export const state = initialState(
  net,
  initialise(net.variables, (index) => stream(1, "initialisation", index).uniform),
);

const count = 1024, imageShape = [32, 32, 3] as const;
const split = {
  count,
  images: Uint8Array.from({ length: count * 3072 }, (_, at) => (at * 2654435761) >>> 24),
  labels: Uint8Array.from({ length: count }, (_, at) => at % 10),
};

export const dataset: Dataset = {
  name: "noise",
  labels: Array.from({ length: 10 }, (_, label) => `${label}`),
  imageShape,
  mean: [0.5, 0.5, 0.5],
  std: [0.25, 0.25, 0.25],
  train: split,
  test: split,
};

export const batchOptions = { seed: 1, batch, augment: "standard", shuffle: true };

/** Returns the greatest memory of this process so far, in MiB. */
export const peakMemory = (): number => process.resourceUsage().maxRSS / 1024;
