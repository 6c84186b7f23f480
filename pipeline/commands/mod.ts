/**
 * Every command by its name.
 *
 * @module
 */
import type { Command } from "../cli/command.ts";

export interface CommandEntry {
  readonly summary: string;
  /** Imports the command, so that a download loads no TensorFlow. */
  readonly load: () => Promise<Command>;
}

export const commands: Readonly<Record<string, CommandEntry>> = {
  pipeline: {
    summary: "Run all stages: download, preprocess, train (continued if interrupted), evaluate, export.",
    load: async () => (await import("./pipeline.ts")).pipeline,
  },
  download: {
    summary: "Fetch and unpack the records of a data set (the embedded one is drawn).",
    load: async () => (await import("./download.ts")).download,
  },
  preprocess: {
    summary: "Decode the records of a data set and compute its statistics.",
    load: async () => (await import("./preprocess.ts")).preprocess,
  },
  train: {
    summary: "Train a network and keep its best and its last checkpoint.",
    load: async () => (await import("./train.ts")).train,
  },
  evaluate: {
    summary: "Measure a checkpoint on the test split: accuracy, precision, recall, F1, confusion matrix.",
    load: async () => (await import("./evaluate.ts")).evaluate,
  },
  export: {
    summary: "Write the trained network as ONNX and check it against the network with onnxruntime.",
    load: async () => (await import("./export/mod.ts")).exportModel,
  },
  predict: {
    summary: "Classify pictures, files, folders, patterns or URLs, with an exported model.",
    load: async () => (await import("./predict/mod.ts")).predict,
  },
  experiment: {
    summary: "Run the grid of a table of the paper over several seeds and write the table.",
    load: async () => (await import("./experiment/mod.ts")).experiment,
  },
  correlate: {
    summary: "Measure how alike the branches of each block are on the test split, of one run or several.",
    load: async () => (await import("./correlate.ts")).correlate,
  },
  "augment-preview": {
    summary: "Write a sheet of augmented training images as PNG.",
    load: async () => (await import("./augment_preview.ts")).augmentPreview,
  },
  report: {
    summary: "Write the report of a run, or of several compared, as one page.",
    load: async () => (await import("./report.ts")).report,
  },
  watch: {
    summary: "Show the report of a run in the browser while it goes on.",
    load: async () => (await import("./watch.ts")).watch,
  },
  completion: {
    summary: "Print the completion of commands and flags for a shell, to be sourced by it.",
    load: async () => (await import("./completion/mod.ts")).completion,
  },
  doctor: {
    summary: "Say which engines and devices this machine has, what the others lack, and how fast each one trains.",
    load: async () => (await import("./doctor.ts")).doctor,
  },
  "setup:tensorflow": {
    summary:
      "Install TensorFlow's native library for --engine tensorflow: the package's, or built for CUDA or the CPU.",
    load: async () => (await import("./setup_tensorflow.ts")).setupTensorFlow,
  },
  "setup:cuda": {
    summary: "Install onnxruntime's CUDA kernels for --device cuda, and say what else they need of the machine.",
    load: async () => (await import("./setup_cuda.ts")).setupCuda,
  },
};
