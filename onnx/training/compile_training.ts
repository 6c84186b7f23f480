/**
 * Compiles the training of a model or of a function, to be run by onnxruntime.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { functionalModel, isOfAnotherCopy, notAModel } from "../layers/layer_tree.ts";
import { modelVariables } from "../layers/variables.ts";
import { describe } from "../trace/describe.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { SpecialValues } from "../lowerings/layout_scope.ts";
import { checkOptionNames } from "../trace/check_option_names.ts";
import type { InputSpec, NamedTensors, TensorsOf } from "../trace/trace.ts";
import { blockSize } from "./block_size.ts";
import { functionModel } from "./function_model.ts";
import { checkRuntime, defaultRuntime, type OnnxRuntime, type SessionOptions } from "./runtime.ts";
import { Training } from "./training.ts";
import type { TrainedModel } from "./training_graph.ts";

/** Options of training. The losses, optimizers and metrics are those of `tf.LayersModel.compile`. */
export interface TrainingOptions {
  /** A loss of TensorFlow.js by name, or a function; with several outputs a list, or one for each name. */
  readonly loss: tf.ModelCompileArgs["loss"];
  /** An optimizer of TensorFlow.js, or its name, or {@linkcode adamW}. */
  readonly optimizer: string | tf.Optimizer;
  /** Metrics of TensorFlow.js by name, or functions. */
  readonly metrics?: tf.ModelCompileArgs["metrics"];
  /** The key of all random numbers: the order of examples and dropout; default 0. */
  readonly seed?: number;
  /** The module `onnxruntime-node`, or another onnxruntime; default: `onnxruntime-node` is imported. */
  readonly runtime?: OnnxRuntime;
  /** The treatment of NaN and infinities, as in {@linkcode ModelOptions}; default: `fast`. */
  readonly specialValues?: SpecialValues;
  /**
   * Orders the backward half of a step so that it holds fewer images at once. Results have the same bits. Default: true unless
   * the option `session` names execution providers.
   */
  readonly savesMemory?: boolean;
  /** Options of onnxruntime's sessions, such as `intraOpNumThreads` and `executionProviders`; default: the CPU. */
  readonly session?: SessionOptions;
}

/** Options of the training of a function, which does not declare its inputs and variables as a model does. */
export interface FunctionTrainingOptions<
  Inputs extends Readonly<Record<string, InputSpec>> = Readonly<Record<string, InputSpec>>,
> extends TrainingOptions {
  /** The shape and type of every input; the first dimension is `null`, for the batch. */
  readonly inputs: Inputs;
  /** The variables that the function reads. Those that are trainable learn. */
  readonly variables: readonly tf.Variable[];
}

/**
 * Compiles the training of a model. The model is compiled too, as by its own `compile`: `model.evaluate` measures the same.
 *
 * A step is traced and compiled when its first batch comes, and again for batches of another size. Unless the option `session`
 * names execution providers, it uses the blocked convolutions of onnxruntime's CPU provider.
 *
 * @throws {TraceError} if the model's input shape is unknown, or if it keeps states from batch to batch
 * @throws {Error} if the optimizer has no formula, or if onnxruntime does not load
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import * as ort from "onnxruntime-node";
 * import { compileTraining } from "@shakenet/tfjs-onnx";
 *
 * const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
 * await using training = await compileTraining(model, { loss: "meanSquaredError", optimizer: "sgd", runtime: ort });
 *
 * // Learns the sum of two numbers.
 * const xs = tf.randomUniform([64, 2], -1, 1, "float32", 1);
 * const { history } = await training.fit({ xs, ys: tf.sum(xs, 1, true) }, { epochs: 30 });
 * assert.ok(Number(history["loss"]!.at(-1)) < Number(history["loss"]![0]) / 2);
 * ```
 */
export async function compileTraining(model: tf.LayersModel, options: TrainingOptions): Promise<Training>;
/**
 * Compiles the training of a function that reads `tf.Variable`s.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { compileTraining } from "@shakenet/tfjs-onnx";
 *
 * const slope = tf.variable(tf.scalar(0));
 * await using training = await compileTraining(({ x }) => ({ y: tf.mul(x, slope) }), {
 *   inputs: { x: { shape: [null, 1] } },
 *   variables: [slope],
 *   loss: "meanSquaredError",
 *   optimizer: tf.train.momentum(0.05, 0.5),
 * });
 *
 * const xs = tf.tensor2d([[1], [2], [3], [4]]);
 * await training.fit({ xs, ys: tf.mul(xs, 2) }, { epochs: 50 });
 * assert.ok(Math.abs(slope.dataSync()[0]! - 2) < 1e-3);
 * ```
 */
export async function compileTraining<const Inputs extends Readonly<Record<string, InputSpec>>>(
  fn: (inputs: TensorsOf<Inputs>) => NamedTensors,
  options: FunctionTrainingOptions<Inputs>,
): Promise<Training>;
export async function compileTraining(
  trained: tf.LayersModel | ((inputs: NamedTensors) => NamedTensors),
  options: TrainingOptions | FunctionTrainingOptions,
): Promise<Training> {
  checkOptions(options);
  const { loss, optimizer, metrics, seed = 0, specialValues = "fast", session = {} } = options;
  const given = trained instanceof tf.LayersModel ? trained : modelOf(trained, options);
  functionalModel(given);
  if (options.runtime !== undefined) checkRuntime(options.runtime);
  given.compile({ loss, optimizer, ...metrics === undefined ? {} : { metrics } });
  const runtime = options.runtime ?? await defaultRuntime();
  // The blocked operators are the CPU's alone.
  const isOnCpu = !("executionProviders" in session);
  const block = isOnCpu ? await blockSize(runtime) : undefined;
  const { savesMemory = isOnCpu } = options;
  // A sequential model builds another functional one when it is compiled.
  const run = { runtime, block, savesMemory, seed, specialValues, session };
  return new Training(withVariableNames(functionalModel(given)), run);
}

function modelOf(
  fn: (inputs: NamedTensors) => NamedTensors,
  options: TrainingOptions | FunctionTrainingOptions,
): tf.LayersModel {
  if (isOfAnotherCopy(fn)) throw notAModel(fn);
  if (typeof fn !== "function") {
    throw new TraceError(
      `compileTraining trains ${describe(fn)}; pass a tf.LayersModel or a function of named tensors`,
    );
  }
  if (!("inputs" in options && Array.isArray(options.variables))) {
    throw new Error("the training of a function needs the options inputs and variables");
  }
  const other = options.variables.find((variable) => !(variable instanceof tf.Variable));
  if (other !== undefined) throw new Error(`the option variables holds ${describe(other)}; pass a list of tf.Variable`);
  return functionModel(fn, options.inputs, options.variables);
}

const OPTIONS = {
  loss: true,
  optimizer: true,
  metrics: true,
  seed: true,
  runtime: true,
  specialValues: true,
  savesMemory: true,
  session: true,
  inputs: true,
  variables: true,
} as const satisfies Readonly<Record<keyof FunctionTrainingOptions, true>>;

/** @throws {Error} if an option is unknown, or if the loss or the optimizer is missing, which TensorFlow.js would find later */
function checkOptions(options: TrainingOptions): void {
  checkOptionNames("compileTraining", options ?? {}, OPTIONS);
  const missing = (["loss", "optimizer"] as const).find((name) => options?.[name] === undefined);
  if (missing) throw new Error(`compileTraining needs the option ${missing}; pass one that model.compile takes`);
}

function withVariableNames(model: tf.LayersModel): TrainedModel {
  const variables = modelVariables(model);
  const learning = new Set(model.trainableWeights.map((weight) => weight.read()));
  const trainable = Object.keys(variables).filter((name) => learning.has(variables[name]!));
  return { model, variables, trainable };
}
