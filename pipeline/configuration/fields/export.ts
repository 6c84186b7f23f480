/**
 * Fields of exported models and of the predictions with them.
 *
 * @module
 */
import { z } from "zod";
import { inputForms, precisions } from "../../../export/variants.ts";
import { choice, field, path, positive, whole } from "./field.ts";

const isPrecisions = (text: string): boolean =>
  text.split(",").every((name) => (precisions as readonly string[]).includes(name));

export const exportFields = {
  what: choice(["model", "training-step"], "model", {
    group: "export",
    description: "export the trained network, or the step that trains it together with data to run it elsewhere",
  }),
  input: choice(inputForms, "float32-nchw", {
    group: "export",
    description:
      "input of the exported model: normalised numbers, channels first or last, or bytes that it normalises " +
      "(and resizes: uint8-any)",
    common: true,
  }),
  precision: field(z.string().refine(isPrecisions).default("float32"), {
    group: "export",
    description: "precisions of the exported models; float32 is always written too",
    expects: `one or several of ${precisions.join(", ")}, separated by commas`,
    placeholder: "LIST",
    items: precisions,
    common: true,
  }),
  calibrationImages: field(whole(1).default(512), {
    group: "export",
    description: "training images from which int8 takes the ranges of the network's values",
  }),
  reduceRange: field(z.boolean().default(false), {
    group: "export",
    description: "quantises int8 weights to 7 bits, for x86 processors without VNNI",
  }),
  accuracyLoss: field(z.number().min(0).max(100).default(0.5), {
    group: "export",
    description: "points of test accuracy that fp16 and int8 may lose",
  }),
  features: field(z.boolean().optional(), {
    group: "export",
    description: "adds an embedding of each picture: the mean of the last block's values, before the dense layer",
  }),
  exportSteps: field(whole(1, 1000).default(50), {
    group: "export",
    description: "steps of batches, draws and losses that are written beside an exported training step",
  }),
};

export const predictionFields = {
  model: field(path.optional(), {
    group: "run",
    description:
      "exported model to classify with; without it, the model of the run; cifar10 is the best that the repository carries",
    expects: "cifar10 or an ONNX file",
    placeholder: "FILE",
  }),
  top: field(whole(1).default(3), {
    group: "output",
    description: "classes to print for a picture, most likely first",
  }),
  format: choice(["table", "jsonl", "csv"], "table", {
    group: "output",
    description: "print predictions as a table, as a line of JSON for each picture, or as CSV",
  }),
  urls: field(z.boolean().default(false), { group: "data", description: "fetches pictures that are named by URL" }),
};

export const parityFields = {
  opset: field(whole(13, 21).default(17), { group: "export", description: "version of the ONNX operators" }),
  tolerance: field(positive.default(1e-4), {
    group: "export",
    description: "largest difference of a logit that passes the parity check",
  }),
  parityImages: field(whole(1).default(64), { group: "export", description: "test images of the parity check" }),
};
