/**
 * The options of `fit` and `evaluate`, and their checks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { checkOptionNames } from "../trace/check_option_names.ts";
import { type Examples, isExamples, type TrainingData } from "./batches.ts";

/**
 * The functions of a callback, `{ onEpochEnd(epoch, logs) { ... } }`, or an object of a class of callbacks, as
 * `tf.callbacks.earlyStopping` returns. The latter is described by what only the classes have, so that the compiler knows the
 * types of `epoch` and `logs`.
 */
export type FitCallback = tf.CustomCallbackArgs | Pick<tf.Callback | tf.CustomCallback, "setModel" | "setParams">;

/** Options of `fit`. They have the names and the defaults of TensorFlow.js's. */
export interface FitOptions {
  /** Default 1. */
  readonly epochs?: number;
  /** The first epoch's number, for training that goes on; default 0. */
  readonly initialEpoch?: number;
  /** Examples of a batch, where the data are not in batches; default 32. */
  readonly batchSize?: number;
  /** Draws the order of the examples anew for each epoch, where the data are not in batches; default true. */
  readonly shuffle?: boolean;
  /** Ends an epoch after so many batches, where the data are in batches. The next epoch goes on behind them. */
  readonly batchesPerEpoch?: number;
  /** Data to measure after each epoch. */
  readonly validationData?: TrainingData | [xs: Examples["xs"], ys: Examples["ys"]];
  /** The part of the examples, from the last one, that is measured and not trained on: 0 to 1. */
  readonly validationSplit?: number;
  /** Examples of a batch of validation; default `batchSize`. */
  readonly validationBatchSize?: number;
  /** Measures so many batches, where the validation data are in batches; default: all. */
  readonly validationBatches?: number;
  /** Functions that are called as training goes on. A callback may set the model's `stopTraining`. */
  readonly callbacks?: FitCallback | readonly FitCallback[];
  /** When callbacks let other work go on; see TensorFlow.js. */
  readonly yieldEvery?: ConstructorParameters<typeof tf.CustomCallback>[1];
  /** Handed to callbacks; nothing is printed. */
  readonly verbose?: number;
}

/** Options of `evaluate`. They have the names and the defaults of TensorFlow.js's. */
export interface EvaluateOptions {
  /** Examples of a batch, where the data are not in batches; default 32. */
  readonly batchSize?: number;
  /** Measures so many batches, where the data are in batches; default: all. */
  readonly batches?: number | undefined;
}

/** The options; others, such as `classWeight`, are refused. */
const KNOWN: Readonly<Record<keyof FitOptions, true>> = {
  epochs: true,
  initialEpoch: true,
  batchSize: true,
  shuffle: true,
  batchesPerEpoch: true,
  validationData: true,
  validationSplit: true,
  validationBatchSize: true,
  validationBatches: true,
  callbacks: true,
  yieldEvery: true,
  verbose: true,
};

/** Examples of a batch by default. */
export const DEFAULT_BATCH_SIZE = 32;

/** @throws {Error} if an option is unknown, or one of examples is given for batches or the reverse */
export function checkOptions(data: TrainingData, options: FitOptions): void {
  const areExamples = isExamples(data);
  const { validationSplit = 0, validationData } = options;
  checkOptionNames("fit", options, KNOWN, Error);
  for (const name of ["epochs", "initialEpoch"] as const) {
    const count = options[name] ?? 0;
    if (!Number.isInteger(count) || count < 0) throw new Error(`${name} is ${count}; it is a whole number from 0`);
  }
  // A list of three, as TensorFlow.js takes it.
  if (Array.isArray(validationData) && (validationData as unknown[])[2] instanceof tf.Tensor) {
    throw new Error("validationData has weights of examples, which fit does not take; pass [xs, ys]");
  }
  checkCounts(options, ["batchSize", "batchesPerEpoch", "validationBatchSize", "validationBatches"]);
  if (!(validationSplit >= 0 && validationSplit < 1)) {
    throw new Error(`validationSplit is ${validationSplit}; it is at least 0 and below 1`);
  }
  const forExamples = ["batchSize", "shuffle", "validationSplit"] as const;
  checkPlaces(options, areExamples, areExamples ? ["batchesPerEpoch"] : forExamples);
}

const KNOWN_OF_EVALUATE: Readonly<Record<keyof EvaluateOptions, true>> = { batchSize: true, batches: true };

/** @throws {Error} if an option is unknown, or one of examples is given for batches or the reverse */
export function checkEvaluateOptions(data: TrainingData, options: EvaluateOptions): void {
  const areExamples = isExamples(data);
  checkOptionNames("evaluate", options, KNOWN_OF_EVALUATE, Error);
  checkCounts(options, ["batchSize", "batches"]);
  checkPlaces(options, areExamples, areExamples ? ["batches"] : ["batchSize"]);
}

/** @throws {Error} if an option that counts is no whole number from 1 */
function checkCounts<Name extends string>(options: Readonly<Partial<Record<Name, number | undefined>>>, names: Name[]) {
  for (const name of names) {
    const count: number = options[name] ?? 1;
    if (!Number.isInteger(count) || count < 1) throw new Error(`${name} is ${count}; it is a whole number from 1`);
  }
}

/** @throws {Error} if an option is given that is not for data of this kind */
function checkPlaces<Name extends string>(
  options: Readonly<Partial<Record<Name, unknown>>>,
  areExamples: boolean,
  misplaced: readonly Name[],
): void {
  const name = misplaced.find((name) => options[name] !== undefined);
  if (name === undefined) return;
  throw new Error(`option ${name} is not for ${areExamples ? "tensors" : "data that are in batches"}; omit it`);
}
