/**
 * Every command by its name.
 *
 * @module
 */
import type { CommandEntry } from "../cli/command_entry.ts";
import { lateImports } from "../cli/import_late.ts";

const late = lateImports(import.meta.url);

export const commands: Readonly<Record<string, CommandEntry>> = {
  pipeline: {
    summary: "Run all stages: download, preprocess, train (continued if interrupted), evaluate, export.",
    examples: [
      ["deno task pipeline", "train, evaluate and export on the embedded data set, in about two minutes"],
      ["deno task pipeline --preset cifar10-small --run first", "the same on CIFAR-10, as the run first"],
    ],
    load: async () => (await late<typeof import("./pipeline.ts")>("./pipeline.ts")).pipeline,
  },
  download: {
    summary: "Fetch and unpack the records of a data set (the embedded one is drawn).",
    examples: [
      ["deno task download --dataset cifar-10", "fetch CIFAR-10"],
      ["deno task download --dataset cifar-10 --from cifar-10-binary.tar.gz", "take the archive from a file"],
    ],
    load: async () => (await late<typeof import("./download.ts")>("./download.ts")).download,
  },
  inspect: {
    summary:
      "Examine a data set before training: classes, sizes, copies, leaks, blank pictures; each warning has a remedy.",
    examples: [
      ["deno task inspect --images my-pictures", "examine your own pictures"],
      ["deno task inspect --dataset cifar-10", "examine CIFAR-10 after preprocess"],
    ],
    load: async () => (await late<typeof import("./inspect.ts")>("./inspect.ts")).inspect,
  },
  preprocess: {
    summary: "Decode the records of a data set and compute its statistics.",
    examples: [
      ["deno task preprocess --dataset cifar-10", "decode CIFAR-10 after its download"],
      ["deno task preprocess --images my-pictures", "decode your own pictures"],
    ],
    load: async () => (await late<typeof import("./preprocess.ts")>("./preprocess.ts")).preprocess,
  },
  train: {
    summary: "Train a network and keep its best and its last checkpoint.",
    examples: [
      ["deno task train --preset cifar10-small --run first", "train on CIFAR-10, as the run first"],
      ["deno task train --run first --config runs/first/config.json --resume", "continue that run"],
    ],
    load: async () => (await late<typeof import("./train.ts")>("./train.ts")).train,
  },
  "find-rate": {
    summary: "Propose a learning rate: train some steps with a growing rate, and draw the losses.",
    examples: [
      ["deno task find-rate --preset cifar10-small --run first", "sweep the rates of a network on CIFAR-10"],
      [
        "deno task find-rate --preset own-images --images my-pictures",
        "take 200 steps on your own pictures",
      ],
    ],
    load: async () => (await late<typeof import("./find_rate.ts")>("./find_rate.ts")).findRate,
  },
  evaluate: {
    summary: "Measure a checkpoint on the test split: accuracy, precision, recall, F1, confusion matrix.",
    examples: [
      ["deno task evaluate --run first", "measure the best checkpoint of the run first"],
      [
        "deno task evaluate --run first --checkpoint last --test-time-augmentation flip",
        "measure its last checkpoint, with mirrored images too",
      ],
    ],
    load: async () => (await late<typeof import("./evaluate.ts")>("./evaluate.ts")).evaluate,
  },
  export: {
    summary: "Write the trained network as ONNX and check it against the network with onnxruntime.",
    examples: [
      ["deno task export --run first", "write runs/first/model.onnx"],
      [
        "deno task export --run first --precision fp16,int8 --input uint8-nhwc",
        "write smaller models too, which take bytes",
      ],
    ],
    load: async () => (await late<typeof import("./export/mod.ts")>("./export/mod.ts")).exportModel,
  },
  predict: {
    summary: "Classify pictures, files, folders, patterns, URLs or standard input, with an exported model.",
    examples: [
      ["deno task predict cat.jpg --run first", "classify a picture with the model of the run first"],
      [
        "deno task predict pictures --model model.onnx --format jsonl",
        "classify a folder with any exported model, as lines of JSON",
      ],
    ],
    load: async () => (await late<typeof import("./predict/mod.ts")>("./predict/mod.ts")).predict,
  },
  experiment: {
    summary:
      "Run the grid of a table of the paper, recipes at equal compute, or plain against shaken training, over several seeds, and write the table.",
    examples: [
      ["deno task experiment table1 --preset cifar10-tiny", "run the paper's table 1 with a small network"],
      ["deno task experiment shaking --preset cifar10-few", "draw plain against shaken training on 5,000 pictures"],
    ],
    load: async () => (await late<typeof import("./experiment/mod.ts")>("./experiment/mod.ts")).experiment,
  },
  correlate: {
    summary: "Measure how alike the branches of each block are on the test split, of one run or several.",
    examples: [
      ["deno task correlate --run first", "measure the branches of the run first"],
      ["deno task correlate --run first --compare plain", "compare them with those of the run plain"],
    ],
    load: async () => (await late<typeof import("./correlate.ts")>("./correlate.ts")).correlate,
  },
  "augment-preview": {
    summary: "Write a sheet of augmented training images as PNG.",
    examples: [
      ["deno task augment-preview --augment standard,cutout:8", "draw the embedded data set with cutout"],
      [
        "deno task augment-preview --dataset cifar-10 --augment flip,rotate:15 --examples 4",
        "draw four images of CIFAR-10",
      ],
    ],
    load: async () => (await late<typeof import("./augment_preview.ts")>("./augment_preview.ts")).augmentPreview,
  },
  runs: {
    summary: "List the runs with data, network, accuracy, time and state, or remove one.",
    examples: [
      ["deno task runs --sort accuracy", "list the runs, the best first"],
      ["deno task runs --remove first", "remove the run first, after asking"],
    ],
    load: async () => (await late<typeof import("./runs.ts")>("./runs.ts")).runs,
  },
  report: {
    summary: "Write the report of a run, or of several compared, as one page.",
    examples: [
      ["deno task report --run first", "write runs/first/report.html"],
      ["deno task report --run first --compare plain,wide", "compare three runs on one page"],
    ],
    load: async () => (await late<typeof import("./report.ts")>("./report.ts")).report,
  },
  watch: {
    summary: "Show the report of a run in the browser while it goes on.",
    examples: [
      ["deno task watch --run first", "show the run first at http://127.0.0.1:8420/"],
      ["deno task watch --run first --port 0", "use a free port"],
    ],
    load: async () => (await late<typeof import("./watch.ts")>("./watch.ts")).watch,
  },
  completion: {
    summary: "Print the completion of commands and flags for a shell, to be sourced by it.",
    examples: [
      ["source <(deno task --quiet completion bash)", "complete in this bash"],
      ["deno task --quiet completion fish | source", "complete in this fish"],
    ],
    load: async () => (await late<typeof import("./completion/mod.ts")>("./completion/mod.ts")).completionOf(commands),
  },
  doctor: {
    summary: "Say which engines and devices this machine has, what the others lack, and how fast each one trains.",
    examples: [
      ["deno task doctor", "check every engine and device"],
      ["deno task doctor --preset cifar10 --device cuda", "measure the network of a preset on CUDA"],
    ],
    load: async () => (await late<typeof import("./doctor.ts")>("./doctor.ts")).doctor,
  },
  "setup:tensorflow": {
    summary:
      "Install TensorFlow's native library for --engine tensorflow: the package's, or built for CUDA or the CPU.",
    examples: [
      ["deno task setup:tensorflow", "install the best library for this machine"],
      ["deno task setup:tensorflow --force", "install it again"],
    ],
    load: async () => (await late<typeof import("./setup_tensorflow.ts")>("./setup_tensorflow.ts")).setupTensorFlow,
  },
  "setup:cuda": {
    summary: "Install onnxruntime's CUDA kernels for --device cuda, and say what else they need of the machine.",
    examples: [
      ["deno task setup:cuda", "install the kernels"],
      ["deno task setup:cuda --force", "install them again"],
    ],
    load: async () => (await late<typeof import("./setup_cuda.ts")>("./setup_cuda.ts")).setupCuda,
  },
};
