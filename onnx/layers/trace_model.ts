/**
 * Traces a `tf.LayersModel` as it infers: dropout is the identity, batch norm uses its moving statistics, recurrent layers
 * are unrolled.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { DataType, Graph } from "../graph/graph.ts";
import { trace } from "../to_onnx.ts";
import type { InputSpec } from "../trace/trace.ts";
import { namedConstant } from "../trace/trace_backend.ts";
import { TraceError } from "../graph/trace_error.ts";
import { functionalModel } from "./layer_tree.ts";
import { hostValue, modelVariables, uniqueName, withVariables } from "./variables.ts";
import { withLayerScopes } from "./layer_scopes.ts";

/** Traces a model; see {@linkcode traceModel}. */
export function modelGraph(given: tf.LayersModel): Graph {
  const model = functionalModel(given);
  const variables = modelVariables(model);
  const weights = Object.entries(variables).map(([name, variable]) => ({ name, ...hostValue(variable) }));
  return trace((inputs) => {
    const constants = weights.map(({ name, data, ...type }) => [name, namedConstant(name, type, data)] as const);
    return withVariables(variables, Object.fromEntries(constants), () => {
      const outputs = withLayerScopes(model, () => model.call(Object.values(inputs), {}));
      return namedOutputs(model, [outputs].flat());
    });
  }, inputSpecs(model));
}

/** The name, shape and type of every input of a model. */
export function inputSpecs({ inputs, inputNames }: tf.LayersModel): Record<string, InputSpec> {
  const specs = inputs.map(({ shape, dtype }, at) => {
    const name = inputNames[at]!;
    if (!isDataType(dtype)) {
      throw new TraceError(`input ${name} of the model is of type ${dtype}; a traced input is float32, int32 or bool`);
    }
    return [name, { shape, dtype }] as const;
  });
  return Object.fromEntries(specs);
}

const isDataType = (dtype: tf.DataType): dtype is DataType => ["float32", "int32", "bool"].includes(dtype);

/** Names outputs after their layers; several outputs of one layer get numbers. */
export function namedOutputs<T>({ outputNames }: tf.LayersModel, outputs: readonly T[]): Record<string, T> {
  const named: Record<string, T> = {};
  outputs.forEach((output, at) => named[uniqueName(outputNames[at]!, named)] = output);
  return named;
}
