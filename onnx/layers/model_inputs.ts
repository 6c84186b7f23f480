/**
 * The inputs of a model, with the sizes that the caller fixes.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { isDataType } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";
import type { InputSpec } from "../trace/trace.ts";

/** Shapes by the name of a model's input. A size of `null` may have any value when the model runs. */
export type InputShapes = Readonly<Record<string, readonly (number | null)[]>>;

/** An input as a model declares it. */
export interface ModelInput {
  readonly name: string;
  /** Sizes, `null` where the model leaves them open; undefined if it leaves the number of dimensions open too. */
  readonly shape: readonly (number | null)[] | undefined;
  readonly dtype: tf.DataType;
}

/**
 * Merges the shapes that a model declares with those that the caller gives.
 *
 * @throws {TraceError} if they contradict each other, or if an input has an unknown shape or another type
 */
export function tracedInputs(inputs: readonly ModelInput[], given: InputShapes = {}): Record<string, InputSpec> {
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new TraceError(`inputShapes has ${unknown}; the inputs of the model are ${names.join(", ")}`);
  }
  const specs = inputs.map((input) => {
    const { name, dtype } = input;
    if (!isDataType(dtype)) {
      throw new TraceError(`input ${name} of the model is of type ${dtype}; a traced input is float32, int32 or bool`);
    }
    return [name, { shape: shapeOf(input, given[name]), dtype }] as const;
  });
  return Object.fromEntries(specs);
}

function shapeOf({ name, shape }: ModelInput, given: InputShapes[string] | undefined): readonly (number | null)[] {
  if (given === undefined) {
    if (shape !== undefined) return shape;
    throw new TraceError(`input ${name} of the model has no known shape; give it with the option inputShapes`);
  }
  if (!Array.isArray(given)) throw new TraceError(`inputShapes.${name} is ${given}; it is a list of sizes`);
  const fits = !shape ||
    (shape.length === given.length && shape.every((size, at) => size === null || size === given[at]));
  if (fits) return given;
  throw new TraceError(`inputShapes.${name} is ${JSON.stringify(given)}; the model takes ${JSON.stringify(shape)}`);
}
