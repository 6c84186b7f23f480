/**
 * Traces a `tf.LayersModel` as it infers: dropout is the identity, batch norm uses its moving statistics, recurrent layers
 * are unrolled.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type { Graph } from "../graph/graph.ts";
import { trace } from "../to_onnx.ts";
import { DifferentKernelsError } from "../trace/generalise.ts";
import type { InputSpec } from "../trace/trace.ts";
import { namedConstant } from "../trace/trace_backend.ts";
import { TraceError } from "../graph/trace_error.ts";
import { functionalModel } from "./layer_tree.ts";
import { type InputShapes, tracedInputs } from "./model_inputs.ts";
import { hostValue, modelVariables, uniqueName, withVariables } from "./variables.ts";
import { withLayerScopes } from "./layer_scopes.ts";

/** Traces a model; see {@linkcode traceModel}. */
export function modelGraph(given: tf.LayersModel, inputShapes?: InputShapes): Graph {
  const model = functionalModel(given);
  const variables = modelVariables(model);
  const weights = Object.entries(variables).map(([name, variable]) => ({ name, ...hostValue(variable) }));
  const inputs = inputSpecs(model, inputShapes);
  const run = (inputs: tf.NamedTensorMap) => {
    const constants = weights.map(({ name, data, ...type }) => [name, namedConstant(name, type, data)] as const);
    return withVariables(variables, Object.fromEntries(constants), () => {
      const outputs = withLayerScopes(model, () => model.call(Object.values(inputs), {}));
      return namedOutputs(model, [outputs].flat());
    });
  };
  try {
    return trace(run, inputs);
  } catch (error) {
    throw error instanceof DifferentKernelsError ? dependsOnLength(model, inputs, error) : error;
  }
}

/** Recurrent layers are unrolled. */
function dependsOnLength({ name }: tf.LayersModel, inputs: Record<string, InputSpec>, cause: TraceError): TraceError {
  const shapes = Object.entries(inputs).map(([input, { shape }]) => `${input}: ${JSON.stringify(shape)}`);
  const message =
    `the kernels of model ${name} depend on a size that it leaves open, such as the length of a sequence; ` +
    `fix it with the option inputShapes, now { ${shapes.join(", ")} }`;
  return Object.assign(new TraceError(message), { cause });
}

/** The name, shape and type of every input of a model. */
export const inputSpecs = (
  { inputs, inputNames }: tf.LayersModel,
  inputShapes?: InputShapes,
): Record<string, InputSpec> =>
  tracedInputs(inputs.map(({ shape, dtype }, at) => ({ name: inputNames[at]!, shape, dtype })), inputShapes);

/** Names outputs after their layers; several outputs of one layer get numbers. */
function namedOutputs<T>({ outputNames }: tf.LayersModel, outputs: readonly T[]): Record<string, T> {
  const named: Record<string, T> = {};
  outputs.forEach((output, at) => named[uniqueName(outputNames[at]!, named)] = output);
  return named;
}
