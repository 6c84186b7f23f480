/**
 * The inputs of a traced function, and an explanation of its failure where it takes them by wrong names.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";

/** Messages of errors that a missing value causes, and that the object of the inputs causes in place of a tensor. */
const OF_MISSING = /undefined|'null'/, OF_OBJECT = /'Object'|is not a function/;

/**
 * Runs a function on its inputs.
 *
 * @throws {TraceError} if the function fails because it reads an input that does not exist. A function may ask for one, as
 * one with an optional input does
 */
export function runOnInputs<T>(fn: (inputs: tf.NamedTensorMap) => T, inputs: tf.NamedTensorMap): T {
  const missing: string[] = [];
  const watched = new Proxy(inputs, {
    get(target, name, receiver) {
      if (typeof name === "string" && !Object.hasOwn(target, name)) missing.push(name);
      return Reflect.get(target, name, receiver);
    },
  });
  try {
    return fn(watched);
  } catch (error) {
    throw explained(error, missing, Object.keys(inputs)) ?? error;
  }
}

function explained(error: unknown, missing: readonly string[], names: readonly string[]): TraceError | undefined {
  if (!(error instanceof Error) || error instanceof TraceError || missing.length === 0) return undefined;
  const listed = names.join(", ");
  if (OF_OBJECT.test(error.message) && missing.some((name) => name in tf.Tensor.prototype)) {
    const message =
      `a traced function uses the object of its inputs as a tensor; take them by name: ({ ${listed} }) => …`;
    return Object.assign(new TraceError(message), { cause: error });
  }
  if (!OF_MISSING.test(error.message)) return undefined;
  const message = `a traced function reads input ${missing[0]}, which it does not have; its inputs are ${listed}`;
  return Object.assign(new TraceError(message), { cause: error });
}
