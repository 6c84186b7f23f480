/**
 * `parity.json`: the schema, the reader and the writer of the check of exported models.
 *
 * @module
 */
import { z } from "zod";
import { inputForms, precisions } from "../../export/variants.ts";
import { readJson, readJsonIfThere, writeJson } from "./json_file.ts";
import type { RunPaths } from "./paths.ts";

const share = z.number().min(0).max(1);
const count = z.int().min(0);

/** Measurements of every exported file. */
const FileReport = z.object({
  precision: z.enum(precisions),
  bytes: count,
  speed: z.object({
    threads: count,
    /** Images of a run, and images a second of the median run. */
    batch: count,
    imagesPerSecond: z.number().min(0),
    /** Duration of the median run on one image. */
    millisecondsForOne: z.number().min(0),
  }),
  /** Images that the logits are compared on. */
  images: count,
  /** The largest difference of a logit. */
  maxAbsoluteDifference: z.number().min(0),
  /** Share of the images with the same largest logit. */
  top1Agreement: share,
  passed: z.boolean(),
});

/** A model of lower precision, compared with the float32 model on the whole test split. */
const ReducedReport = FileReport.extend({
  accuracy: share,
  /** Points, 0 to 100; below 0 if it is more accurate. */
  accuracyLoss: z.number(),
  allowedAccuracyLoss: z.number(),
  /** Training images that int8 is calibrated on. */
  calibrationImages: count.optional(),
});

/** A model that resizes pictures, compared with `predict`. */
const PreprocessingDifference = z.object({
  pictures: count,
  /** The largest difference of a probability. */
  maxProbabilityDifference: z.number().min(0),
  /** Mean over the pictures of the largest difference of each. */
  meanProbabilityDifference: z.number().min(0),
  /** Share of the pictures with the same likeliest class. */
  sameClass: share,
});

/** By kind of picture: enlarged test images as PNG and as JPEG, and pictures that decoders disagree on. */
const PreprocessingReport = z.object({
  png: PreprocessingDifference,
  jpeg: PreprocessingDifference,
  difficult: PreprocessingDifference,
});

/** The float32 model, compared with the network, and the models of lower precision. */
export const ParityReport = FileReport.extend({
  /** The largest difference that passes. */
  tolerance: z.number(),
  /** On the compared images. */
  accuracy: z.object({ reference: share, exported: share }),
  /** The value of `--checkpoint`. */
  checkpoint: z.string(),
  opset: count,
  input: z.enum(inputForms),
  /** The file in onnxruntime on the whole test split. */
  test: z.object({ images: count, accuracy: share }),
  reduced: z.partialRecord(z.enum(precisions), ReducedReport),
  /** With `--input uint8-any`. */
  preprocessing: PreprocessingReport.optional(),
});

export type FileReport = z.output<typeof FileReport>;
export type ReducedReport = z.output<typeof ReducedReport>;
export type PreprocessingReport = z.output<typeof PreprocessingReport>;
export type ParityReport = z.output<typeof ParityReport>;

type ParityPath = Pick<RunPaths, "parity">;
/** The file, and the flags of its run for errors. */
type ParityFile = Pick<RunPaths, "parity" | "flags">;

export const writeParity = ({ parity }: ParityPath, report: ParityReport): Promise<void> => writeJson(parity, report);

/** @throws {InputError} if the file is missing or damaged */
export const readParity = ({ parity, flags }: ParityFile): Promise<ParityReport> =>
  readJson(parity, ParityReport, `export ${flags}`);

/**
 * @returns undefined if the run is not exported
 * @throws {InputError} if the file is damaged
 */
export const parityIfThere = ({ parity, flags }: ParityFile): Promise<ParityReport | undefined> =>
  readJsonIfThere(parity, ParityReport, `export ${flags}`);
