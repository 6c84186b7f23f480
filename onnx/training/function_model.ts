/**
 * A function with variables as a `tf.LayersModel`, so that losses, metrics and `fit` treat both alike.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { type DataType, isDynamic } from "../graph/graph.ts";
import { TraceError } from "../graph/trace_error.ts";
import { trace } from "../to_onnx.ts";
import type { InputSpec, NamedTensors, TensorFunction } from "../trace/trace.ts";

/** A variable in the part that a model uses of a layer's weight. */
const asWeight = (variable: tf.Variable) => ({
  ...{ name: variable.name, originalName: variable.name, shape: variable.shape, dtype: variable.dtype },
  trainable: variable.trainable,
  read: () => variable,
  write: (value: tf.Tensor) => variable.assign(value),
});

/** A layer that calls a function; its result is a list in the order of `names`. */
class FunctionLayer extends tf.layers.Layer {
  static readonly className = "Function";

  constructor(
    readonly fn: TensorFunction,
    readonly inputNames: readonly string[],
    readonly outputs: Readonly<Record<string, readonly (number | null)[]>>,
    variables: readonly tf.Variable[],
  ) {
    super({ name: "function" });
    const weights = variables.map(asWeight) as unknown as tf.LayerVariable[];
    this.trainableWeights = weights.filter(({ trainable }) => trainable);
    this.nonTrainableWeights = weights.filter(({ trainable }) => !trainable);
  }

  override computeOutputShape(): tf.Shape[] {
    return Object.values(this.outputs).map((shape) => [...shape]);
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const named = Object.fromEntries([inputs].flat().map((input, at) => [this.inputNames[at]!, input]));
    const results = this.fn(named);
    return Object.keys(this.outputs).map((name) => results[name]!);
  }
}

/**
 * Makes a model of a function.
 *
 * @param fn named inputs to named outputs; it may read the variables
 * @param inputs the shape and type of every input; the first dimension is `null`, for the batch
 * @throws {TraceError} if an output has the name of an input
 */
export function functionModel(
  fn: (inputs: NamedTensors) => NamedTensors,
  inputs: Readonly<Record<string, InputSpec>>,
  variables: readonly tf.Variable[],
): tf.LayersModel {
  const outputs = Object.fromEntries(
    Object.entries(trace(fn, inputs).outputs).map(([name, { shape }]) =>
      [name, shape.map((size) => isDynamic(size) ? null : size)] as const
    ),
  );
  const shared = Object.keys(outputs).find((name) => Object.hasOwn(inputs, name));
  if (shared !== undefined) {
    throw new TraceError(`output ${shared} of the function has the name of an input; rename one of them`);
  }
  const symbols = Object.entries(inputs).map(([name, { shape, dtype = "float32" }]) =>
    tf.input({ name, batchShape: [...shape], dtype: dtype satisfies DataType })
  );
  const results = new FunctionLayer(fn, Object.keys(inputs), outputs, variables).apply(symbols);
  const named = [results].flat().map((result, at) =>
    tf.layers.activation({ activation: "linear", name: Object.keys(outputs)[at]! }).apply(result as tf.SymbolicTensor)
  );
  return tf.model({ inputs: symbols, outputs: named as tf.SymbolicTensor[] });
}
