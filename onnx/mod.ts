/**
 * Writes TensorFlow.js functions as ONNX models.
 *
 * {@linkcode trace} runs a function once on tensors that have a shape and a type but no elements. It records the kernels that
 * the function uses, with those of its gradients, and writes them as an ONNX model. onnxruntime and every other ONNX runtime
 * can run the model: in Python, in C++, in a browser. Any function can be traced, not only networks.
 *
 * @example Inference
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import * as ort from "onnxruntime-node";
 * import { trace } from "@shakenet/tfjs-onnx";
 *
 * // Classifies any number of images. The filter, which the function closes over, becomes part of the model.
 * const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 8], 0, 0.1, "float32", 1);
 * const model = trace(
 *   ({ images }) => {
 *     const features = tf.relu(tf.conv2d(images, filter, 1, "same"));
 *     return { probabilities: tf.softmax(tf.mean(features, [1, 2])) };
 *   },
 *   { images: { shape: [null, 32, 32, 3] } },
 * );
 *
 * const session = await ort.InferenceSession.create(model);
 * const images = new ort.Tensor("float32", new Float32Array(5 * 32 * 32 * 3), [5, 32, 32, 3]);
 * const { probabilities } = await session.run({ images });
 * assert.deepEqual(probabilities!.dims, [5, 8]);
 * ```
 *
 * @example A training step: gradients are traced as TensorFlow.js derives them
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import * as ort from "onnxruntime-node";
 * import { trace } from "@shakenet/tfjs-onnx";
 *
 * // Gradient descent on the mean squared error of y = x w.
 * const step = trace(
 *   ({ w, x, y }) => {
 *     const loss = (w: tf.Tensor2D) => tf.mean<tf.Scalar>(tf.squaredDifference(tf.matMul(x, w), y));
 *     const { value, grad } = tf.valueAndGrad(loss)(w);
 *     return { w: tf.sub(w, tf.mul(grad, 0.1)), loss: value };
 *   },
 *   { w: { shape: [1, 1] }, x: { shape: [4, 1] }, y: { shape: [4, 1] } },
 * );
 *
 * const session = await ort.InferenceSession.create(step);
 * const column = (...numbers: number[]) => new ort.Tensor(Float32Array.from(numbers), [numbers.length, 1]);
 * let w: ort.Tensor = column(0);
 * for (let i = 0; i < 50; i++) {
 *   const outputs = await session.run({ w, x: column(1, 2, 3, 4), y: column(2, 4, 6, 8) });
 *   // The model's output is called next/w, because an input is called w.
 *   w = outputs["next/w"]!;
 * }
 * assert.ok(Math.abs(Number(w.data[0]) - 2) < 1e-5);
 * ```
 *
 * @module
 */
import type { ModelProperties } from "./file/model_builder.ts";
import * as tf from "@tensorflow/tfjs";
import { graphModelGraph } from "./layers/graph_model.ts";
import type { InputShapes } from "./layers/model_inputs.ts";
import { modelGraph } from "./layers/trace_model.ts";
import type { SpecialValues } from "./lowerings/layout_scope.ts";
import { toOnnx, trace as traceGraph } from "./to_onnx.ts";
import { checkOptionNames } from "./trace/check_option_names.ts";
import type { InputSpec, NamedTensors, TensorFunction, TensorOf, TensorsOf } from "./trace/trace.ts";

export type { DataType } from "./graph/graph.ts";
export { TraceError } from "./graph/trace_error.ts";
export { supportedKernels } from "./lowerings/supported_kernels.ts";
export { adamW, type AdamWOptimizer, type AdamWOptions } from "./training/adam_w.ts";
export type { Examples, Tensors, TrainingData } from "./training/batches.ts";
export { compileTraining, type FunctionTrainingOptions, type TrainingOptions } from "./training/compile_training.ts";
export type { Logs } from "./training/fit.ts";
export type { EvaluateOptions, FitCallback, FitOptions } from "./training/fit_options.ts";
export type { OnnxRuntime, RuntimeSession, RuntimeTensor, SessionOptions } from "./training/runtime.ts";
export type { Training } from "./training/training.ts";
export type {
  InputShapes,
  InputSpec,
  ModelProperties,
  NamedTensors,
  SpecialValues,
  TensorFunction,
  TensorOf,
  TensorsOf,
};

/** Options of the written model. */
export interface ModelOptions extends ModelProperties {
  /** Version of the ONNX operators, 13 to 21; default 17. */
  readonly opset?: number;
  /**
   * The treatment of NaN and infinities where ONNX's operators leave it open: in `tf.maxPool` and its kinds,
   * `tf.image.resizeBilinear`, and `tf.batchNorm` by a variance of 0. `exact` gives TensorFlow.js's values and gradients, and
   * more operators. Default: `fast`, which differs from TensorFlow.js in these calls.
   */
  readonly specialValues?: SpecialValues;
}

/** Options of a traced model. */
export interface TraceModelOptions extends ModelOptions {
  /**
   * Shapes of inputs by name, `{ memory_input: [null, 20, 3] }`: they fix sizes that the model leaves open, such as the length
   * of a sequence. Default: the shapes that the model declares.
   */
  readonly inputShapes?: InputShapes;
}

const MODEL_OPTIONS = {
  name: true,
  description: true,
  metadata: true,
  modelVersion: true,
  opset: true,
  specialValues: true,
} as const satisfies Readonly<Record<keyof ModelOptions, true>>;

/**
 * Traces a TensorFlow.js function and writes it as an ONNX model.
 *
 * The model's inputs and outputs have the names, shapes and element types of the function's. An output that shares its name
 * with an input is `next/<name>`. Dimensions that are `null` may have any size when the model runs. They have names in the
 * model, the first one `batch`. Tensors that the function closes over become constants of the model.
 *
 * By default `tf.maxPool` and its kinds, `tf.image.resizeBilinear` and `tf.batchNorm` differ from TensorFlow.js for NaN and
 * infinities; the option `specialValues: "exact"` makes them equal, and slower.
 *
 * @param fn the function. It must be pure: it reads no tensor's elements and keeps no state
 * @param inputs the shape and the element type of every input
 * @returns the bytes of the model's file
 * @throws {TraceError} if the function reads a tensor's elements or uses a kernel that is not in
 * {@linkcode supportedKernels}, or if something other than a shape depends on a dimension that is `null`
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import { trace } from "@shakenet/tfjs-onnx";
 *
 * const model = trace(({ a, b }) => ({ sum: tf.add(a, b) }), { a: { shape: [null, 3] }, b: { shape: [3] } });
 * assert.ok(model.length > 0);
 * ```
 */
export function trace<const Inputs extends Readonly<Record<string, InputSpec>>>(
  fn: (inputs: TensorsOf<Inputs>) => NamedTensors,
  inputs: Inputs,
  options: ModelOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptionNames("trace", options, MODEL_OPTIONS);
  return toOnnx(traceGraph(fn as TensorFunction, inputs), options);
}

/**
 * Writes a model of TensorFlow.js as an ONNX model, as it infers: dropout is the identity, batch norm uses its moving
 * statistics, recurrent layers are unrolled.
 *
 * Inputs and outputs have the names of the model's: `model.inputNames` and `model.outputNames` of a functional model, the
 * first layer with `_input` behind it and the last layer of a sequential one, `inputNodes` and `outputNodes` of a graph
 * model. Dimensions that the model leaves open may have any size when the ONNX model runs. Weights and nodes of a layers
 * model are named after their layers, `conv2d_1/kernel` and `conv2d_1/Conv`; weights of a graph model after its nodes.
 *
 * By default layers of maximum pooling, bilinear upsampling and batch norm differ from TensorFlow.js for NaN and infinities;
 * the option `specialValues: "exact"` makes them equal, and slower.
 *
 * @param model a `tf.LayersModel`, sequential or functional, that knows the number of dimensions of its inputs; or a
 * `tf.GraphModel`, which `tf.loadGraphModel` loads
 * @returns the bytes of the model's file
 * @throws {TraceError} if the model keeps states from batch to batch or has control flow that depends on values, or does
 * something that {@linkcode trace} refuses; for example if it repeats a recurrent layer for a length that is unknown
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import * as tf from "@tensorflow/tfjs";
 * import * as ort from "onnxruntime-node";
 * import { traceModel } from "@shakenet/tfjs-onnx";
 *
 * const model = tf.sequential({
 *   layers: [
 *     tf.layers.dense({ units: 8, activation: "tanh", inputShape: [4], name: "hidden" }),
 *     tf.layers.dense({ units: 2, activation: "softmax", name: "probabilities" }),
 *   ],
 * });
 * const session = await ort.InferenceSession.create(traceModel(model));
 * const { probabilities } = await session.run({ hidden_input: new ort.Tensor(new Float32Array(12), [3, 4]) });
 * assert.deepEqual(probabilities!.dims, [3, 2]);
 * ```
 */
export function traceModel(
  model: tf.LayersModel | tf.GraphModel,
  { inputShapes, ...options }: TraceModelOptions = {},
): Uint8Array<ArrayBuffer> {
  checkOptionNames("traceModel", options, { ...MODEL_OPTIONS, inputShapes: true });
  if (model instanceof tf.GraphModel) return toOnnx(graphModelGraph(model, inputShapes), options);
  const graph = modelGraph(model, inputShapes);
  return toOnnx(graph, { name: model.name, ...options });
}
