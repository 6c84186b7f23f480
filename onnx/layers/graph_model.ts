/**
 * Traces a `tf.GraphModel`: a SavedModel or a model of TensorFlow Hub that TensorFlow's converter made for TensorFlow.js.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Graph } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { trace } from "../to_onnx.ts";
import { namedConstant } from "../trace/trace_backend.ts";
import { type InputShapes, type ModelInput, tracedInputs } from "./model_inputs.ts";
import { withSubstitutes } from "./substitute.ts";
import { hostValue } from "./variables.ts";

/** The part of a graph model that TensorFlow.js's types hide. */
interface Internals {
  readonly executor: object;
}

/** Traces a model; see {@linkcode traceModel}. */
export function graphModelGraph(model: tf.GraphModel, inputShapes: InputShapes | undefined): Graph {
  const { executor } = model as unknown as Internals, { outputNodes } = model;
  const weights = Object.entries(model.weights).map(([name, tensors]) => [name, tensors.map(constant(name))] as const);
  return trace((inputs) => {
    const constants = Object.fromEntries(weights.map(([name, make]) => [name, make.map((make) => make())]));
    const outputs = withSubstitutes(
      [{ object: executor, key: "_weightMap", value: constants }],
      () => execute(model, { ...inputs }, outputNodes),
    );
    return Object.fromEntries(outputNodes.map((name, at) => [name, outputs[at]!]));
  }, tracedInputs(graphInputs(model), inputShapes));
}

/** Makes a weight while the model is traced. Strings stay as they are: they are refused where they are used. */
const constant = (name: string) => (weight: tf.Tensor, at: number): () => tf.Tensor => {
  if (weight.dtype === "string" || weight.dtype === "complex64") return () => weight;
  const { data, ...type } = hostValue(weight);
  return () => namedConstant(at === 0 ? name : `${name}:${at}`, type, data);
};

function execute(model: tf.GraphModel, inputs: tf.NamedTensorMap, outputs: string[]): tf.Tensor[] {
  try {
    return [model.execute(inputs, outputs)].flat();
  } catch (error) {
    const [, operation] = /the (?:dynamic )?op '(\w+)'.*executeAsync/s.exec((error as Error).message) ?? [];
    if (operation === undefined) throw error;
    const message = `the model has the operation ${operation}, whose control flow or sizes depend on values; ` +
      "trace the part before it, with a function that calls model.execute";
    throw Object.assign(new TraceError(message), { cause: error });
  }
}

/** The inputs by the names that `model.execute` takes; sizes that the model leaves open are -1. */
const graphInputs = ({ inputs, inputNodes }: tf.GraphModel): ModelInput[] =>
  inputs.map(({ shape, dtype = "float32" }, at) => ({
    name: inputNodes[at]!,
    shape: shape?.map((size) => size < 0 ? null : size),
    dtype,
  }));
