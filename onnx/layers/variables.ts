/**
 * The variables of a model by name, and traced tensors in their place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { HostArray, ValueType } from "../graph/graph.ts";
import { arrayTypes } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";
import { withSubstitutes } from "./substitute.ts";

/** Variables by the names that they have in an ONNX model. */
export type NamedVariables = Readonly<Record<string, tf.Variable>>;

/**
 * Names the variables of a model as TensorFlow.js does, `dense_1/kernel`; equal names get a number. TensorFlow.js lists the
 * weights of a nested model once for each of its uses.
 *
 * @throws {TraceError} if a weight is disposed
 */
export function modelVariables(model: tf.LayersModel): NamedVariables {
  const named: Record<string, tf.Variable> = {}, seen = new Set<unknown>();
  for (const weight of model.weights) {
    const variable = variableOf(weight, model);
    if (!seen.has(variable)) named[uniqueName(weight.originalName, named)] = variable;
    seen.add(variable);
  }
  return named;
}

function variableOf(weight: tf.LayerVariable, model: tf.LayersModel): tf.Variable {
  // TensorFlow.js's own method fails for a disposed weight, and names it otherwise.
  const { val = weight.read() as tf.Variable } = weight as unknown as { readonly val?: tf.Variable };
  if (!val.isDisposed) return val;
  throw new TraceError(
    `weight ${weight.originalName} of model ${model.name} is disposed; trace or train the model before that`,
  );
}

/** Returns the wished name, with a number appended if the record has that name already. */
export function uniqueName(wished: string, taken: Readonly<Record<string, unknown>>): string {
  let name = wished;
  for (let at = 1; Object.hasOwn(taken, name); at++) name = `${wished}_${at}`;
  return name;
}

/** Copies the shape, type and elements of a tensor. */
export function hostValue(tensor: tf.Tensor): ValueType & { readonly data: HostArray } {
  const dtype = tensor.dtype as ValueType["dtype"];
  // A tensor that TensorFlow.js cast may still have the array of its old type.
  return { shape: [...tensor.shape], dtype, data: new arrayTypes[dtype](tensor.dataSync()) };
}

/** Gives a variable other elements. */
export function writeVariable(variable: tf.Variable, data: HostArray): void {
  tf.tidy(() => variable.assign(tf.tensor(data.slice(), variable.shape, variable.dtype)));
}

/**
 * Runs a part of a traced function while variables have the values of traced tensors.
 *
 * @param run receives the record of the values that are assigned to variables meanwhile, by the variable's name; the caller
 * disposes of them
 */
export function withVariables<T>(
  variables: NamedVariables,
  tensors: Readonly<Record<string, tf.Tensor>>,
  run: (assigned: Readonly<Record<string, tf.Tensor>>) => T,
): T {
  const assigned: Record<string, tf.Tensor> = {};
  const substitutes = Object.entries(variables).flatMap(([name, variable]) => [
    { object: variable, key: "dataId", value: tensors[name]!.dataId },
    {
      object: variable,
      key: "assign",
      // TensorFlow.js's own method disposes of the value before, which is an input of the graph.
      value: (value: tf.Tensor) => {
        assigned[name]?.dispose();
        assigned[name] = tf.keep(value.clone());
        variable.dataId = assigned[name].dataId;
      },
    },
  ]);
  return withSubstitutes(substitutes, () => run(assigned));
}
