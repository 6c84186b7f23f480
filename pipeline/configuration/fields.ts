/**
 * The fields of the configuration: one flat list. Flags, files, help and types all come from it.
 *
 * @module
 */
import { z } from "zod";
import { augmentations, parseAugmentations } from "../../data/augmentations.ts";
import { datasetNames } from "../../data/catalogue.ts";
import { fits } from "../../data/image_folder.ts";
import { deviceNames, engineNames } from "../../engine/engine_names.ts";
import { inputForms, precisions } from "../../export/variants.ts";
import { architectureNames } from "../../model/architectures.ts";
import { scheduleNames } from "../../model/schedule.ts";
import { viewsNames } from "../../data/evaluation_views.ts";
import { samplings, shakeModeNames } from "../../model/shake_factors.ts";

/** What a field must be, and what it is for. */
interface Text {
  readonly expects: string;
  readonly description: string;
}

const texts = z.registry<Text>();

const field = <T extends z.ZodType>(schema: T, expects: string, description: string): T => {
  texts.add(schema, { expects, description });
  return schema;
};

const choice = <const T extends readonly string[]>(values: T, initial: T[number], description: string) =>
  field(z.enum(values).default(initial as never), `one of ${values.join(", ")}`, description);

const whole = (least: number, most = Number.MAX_SAFE_INTEGER) => z.int().min(least).max(most);
const positive = z.number().gt(0).max(1e6);

function isAugmentation(text: string): boolean {
  try {
    parseAugmentations(text);
    return true;
  } catch {
    return false;
  }
}

const isPrecisions = (text: string): boolean =>
  text.split(",").every((name) => (precisions as readonly string[]).includes(name));

/** So that no name leads out of the folder of all runs. */
const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** Every field: its type, range and default. */
export const Configuration = z.strictObject({
  run: field(
    z.string().regex(RUN_NAME).default("quick"),
    "a name of letters, digits, '.', '_' and '-'",
    "name of the run; default: the preset's name",
  ),
  runs: field(z.string().min(1).default("runs"), "a folder", "folder of all runs"),
  cache: field(z.string().min(1).default(".cache"), "a folder", "folder of downloaded and decoded data"),
  dataset: choice(datasetNames, "shapes", "data set; shapes is drawn, folder is --images, the others are downloaded"),
  from: field(z.string().min(1).optional(), "a file or an http(s) URL", "archive to use instead of the published one"),
  images: field(z.string().min(1).optional(), "a folder", "images of --dataset folder: train/<class>/*.jpg and so on"),
  imageSize: field(
    whole(8, 512).refine((size) => size % 4 === 0).default(32),
    "a multiple of 4 from 8 to 512",
    "height and width that images of a folder are brought to",
  ),
  fit: choice(
    fits,
    "crop",
    "how images of a folder become squares: the middle, all of it stretched, or black around it",
  ),
  holdOut: field(
    z.number().gt(0).lt(1).default(0.1),
    "a number between 0 and 1",
    "share of each class for the test split, where a folder of images has none",
  ),
  unreadable: choice(["refuse", "skip"], "refuse", "what to do with pictures that cannot be decoded"),
  architecture: choice(
    architectureNames,
    "resnet",
    "resnet: the paper's network for CIFAR-10; resnext: its network for CIFAR-100",
  ),
  depth: field(
    whole(8, 1202).refine((depth) => depth % 6 === 2 || depth % 9 === 2).default(8),
    "6 k + 2 (resnet) or 9 k + 2 (resnext) for a whole k >= 1",
    "layers, for k blocks in each of three stages",
  ),
  width: field(
    whole(2, 1024).refine((width) => width % 2 === 0).default(16),
    "an even number from 2 to 1024",
    "filters of the first stage; of resnext, of each group",
  ),
  branches: field(whole(2, 16).default(2), "a whole number from 2 to 16", "residual branches of a block"),
  groups: field(
    whole(1, 256).default(4),
    "a whole number from 1 to 256",
    "groups of a branch's convolution, of resnext",
  ),
  skip: field(z.boolean().default(true), "true or false", "no skip connections: an ablation, of resnet"),
  batchNorm: field(z.boolean().default(true), "true or false", "biases instead of batch norm: an ablation, of resnet"),
  shake: choice(
    shakeModeNames,
    "shake-shake-image",
    "<forward>-<backward>-<level>: how branches are weighted (Gastaldi 2017, section 2; m1 to m5: table 4)",
  ),
  sampling: choice(
    samplings,
    "normalized",
    "how factors are drawn: u_i / sum of u, or uniform on those that sum to 1, as the paper and its code do",
  ),
  epochs: field(whole(1, 1e6).default(6), "a whole number from 1", "passes over the training split"),
  batch: field(
    whole(1, 65536).default(32),
    "a whole number from 1 to 65536",
    "images of a step; of predict, those classified at once",
  ),
  learningRate: field(
    positive.default(0.05),
    "a number above 0",
    "the greatest learning rate",
  ),
  schedule: choice(
    scheduleNames,
    "cosine",
    "how the learning rate falls; restarts: the cosine in periods (Loshchilov & Hutter 2017); plateau: with the validation loss",
  ),
  warmupEpochs: field(z.number().min(0).max(1e6).default(0), "a number from 0", "epochs in which the rate first rises"),
  restartEpochs: field(
    z.number().gt(0).max(1e6).default(10),
    "a number above 0",
    "T_0 of restarts: epochs of the first period",
  ),
  restartFactor: field(
    z.number().min(1).max(1e3).default(2),
    "a number from 1",
    "T_mult of restarts: how many times longer each period is",
  ),
  plateauFactor: field(
    z.number().gt(0).lt(1).default(0.1),
    "a number between 0 and 1",
    "what plateau multiplies the rate by",
  ),
  plateauEpochs: field(
    whole(1).default(10),
    "a whole number from 1",
    "epochs without a lower validation loss before plateau does so",
  ),
  momentum: field(z.number().min(0).lt(1).default(0.9), "a number from 0 to below 1", "Nesterov momentum"),
  weightDecay: field(
    z.number().min(0).max(1).default(1e-4),
    "a number from 0 to 1",
    "factor of ||w||^2 / 2 over all weights",
  ),
  augment: field(
    z.string().refine(isAugmentation).default("standard"),
    `standard (flip,pad-crop:4), none, or a list of ${
      Object.keys(augmentations).join(", ")
    }, each with an amount or not`,
    "what happens to training images, such as flip,pad-crop:4,cutout:16",
  ),
  shuffle: field(z.boolean().default(true), "true or false", "the images in their order in each epoch, not shuffled"),
  seed: field(whole(0).default(1), "a whole number from 0 to 2^53 - 1", "seed of all that is drawn"),
  init: field(z.string().min(1).optional(), "a checkpoint file", "checkpoint whose weights the run begins with"),
  maxSteps: field(
    whole(1).optional(),
    "a whole number from 1",
    "stop after this many steps; the schedule keeps its length",
  ),
  logEvery: field(whole(1).default(20), "a whole number from 1", "steps from one line of metrics.jsonl to the next"),
  tensorboard: field(z.boolean().default(false), "true or false", "write the metrics for TensorBoard too"),
  checkpointEvery: field(
    whole(0).default(0),
    "a whole number from 0",
    "epochs from one checkpoint that is kept to the next; 0: only last and best",
  ),
  saveSeconds: field(
    z.number().min(0).max(1e6).default(120),
    "a number from 0",
    "seconds after which the last checkpoint is written anew within an epoch",
  ),
  nonFinite: choice(
    ["stop", "skip"],
    "stop",
    "what to do with a step whose loss, or new weights, are NaN or infinite: stop the run, or leave the step out",
  ),
  engine: choice(
    ["auto", ...engineNames],
    "auto",
    "what computes; auto: TensorFlow with a GPU if it is there, else onnxruntime",
  ),
  device: choice(
    ["auto", ...deviceNames],
    "auto",
    "what onnxruntime computes on; auto: CUDA if it is set up, WebGPU if a trial on it is faster, else the CPU",
  ),
  distributed: choice(
    ["none", "mpi"],
    "none",
    "whether the processes that mpirun starts train together (docs/distributed.md); batch is what all of them take in a step",
  ),
  syncBatchNorm: field(
    z.boolean().default(true),
    "true or false",
    "with --distributed, batch norm over each process's images: faster, and not what one process computes",
  ),
  threads: field(
    whole(1, 1024).optional(),
    "a whole number from 1 to 1024",
    "threads of onnxruntime on the CPU; default: all cores",
  ),
  checkpoint: field(
    z.string().min(1).default("best"),
    "best, last, previous or a checkpoint file",
    "checkpoint to evaluate and export",
  ),
  testTimeAugmentation: choice(
    viewsNames,
    "none",
    "views of a test image whose probabilities are averaged: itself and mirrored, 5 crops, or those mirrored too",
  ),
  compare: field(
    z.string().refine((names) => names.split(",").every((name) => RUN_NAME.test(name))).optional(),
    "names of runs with commas between",
    "other runs to show beside",
  ),
  port: field(
    whole(0, 65535).default(8420),
    "a whole number from 0 to 65535",
    "port of this machine where watch shows the run; 0: one that is free",
  ),
  seeds: field(
    whole(1, 1000).default(3),
    "a whole number from 1 to 1000",
    "runs of each row of an experiment; the first has the seed, the others the numbers after it",
  ),
  examples: field(whole(1, 100).default(12), "a whole number from 1 to 100", "images of a preview, a row each"),
  what: choice(
    ["model", "training-step"],
    "model",
    "what is exported: the trained network, or the step that trains it, with what another runtime needs to run it",
  ),
  input: choice(
    inputForms,
    "float32-nchw",
    "what the exported model takes: normalised numbers, channels first or last, or bytes, which it normalises itself",
  ),
  precision: field(
    z.string().refine(isPrecisions).default("float32"),
    `${precisions.join(", ")}, or several with commas between`,
    "what exported models compute in; float32 is always written, the others beside it",
  ),
  calibrationImages: field(
    whole(1).default(512),
    "a whole number from 1",
    "training images that show int8 how large the network's values become",
  ),
  reduceRange: field(z.boolean().default(false), "true or false", "7 bits for kernels of int8, for x86 without VNNI"),
  accuracyLoss: field(
    z.number().min(0).max(100).default(0.5),
    "a number from 0 to 100",
    "points of test accuracy that fp16 and int8 may lose",
  ),
  exportSteps: field(
    whole(1, 1000).default(50),
    "a whole number from 1 to 1000",
    "steps of batches, draws and losses that are written beside an exported training step",
  ),
  model: field(z.string().min(1).optional(), "an ONNX file", "exported model to classify with; default: the run's"),
  top: field(
    whole(1).default(3),
    "a whole number from 1",
    "classes of a picture that are printed, the likeliest first",
  ),
  format: choice(["table", "jsonl"], "table", "how predictions are printed: a table, or a line of JSON a picture"),
  urls: field(z.boolean().default(false), "true or false", "fetch pictures that are named by URL"),
  opset: field(whole(13, 21).default(17), "a whole number from 13 to 21", "version of the ONNX operators"),
  tolerance: field(
    positive.default(1e-4),
    "a number above 0",
    "largest difference of a logit that passes the parity check",
  ),
  parityImages: field(whole(1).default(64), "a whole number from 1", "test images of the parity check"),
});

export type Configuration = z.output<typeof Configuration>;
export type Field = keyof Configuration;
/** Some fields, not checked yet. */
export type Given = Partial<Record<Field, unknown>>;

export const fieldNames = Object.keys(Configuration.shape) as Field[];

/** What a field's value is. */
export type Kind = "number" | "boolean" | "string";

export interface FieldInfo extends Text {
  readonly flag: string;
  readonly kind: Kind;
  readonly initial: unknown;
  /** All that it may be, where that is a list. */
  readonly choices: readonly string[] | undefined;
}

/** How a field is written as a flag, and what is said about it. */
export function fieldInfo(name: Field): FieldInfo {
  const schema: z.ZodType = Configuration.shape[name];
  const { def } = schema as z.ZodType & {
    def: {
      innerType: z.ZodType & { def: { type: string; entries?: Readonly<Record<string, string>> } };
      defaultValue?: unknown;
    };
  };
  const { type: kind, entries } = def.innerType.def;
  return {
    ...texts.get(schema)!,
    flag: `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
    kind: kind === "number" || kind === "boolean" ? kind : "string",
    initial: def.defaultValue,
    choices: entries && Object.keys(entries),
  };
}
