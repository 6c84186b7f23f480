import * as tf from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";

/**
 * Asserts that a function returned tensors by name.
 *
 * @throws {TraceError} if not
 */
export function namedTensors(results: unknown): Record<string, tf.Tensor> {
  const isRecord = typeof results === "object" && results !== null && !Array.isArray(results);
  if (!isRecord || isPromise(results) || results instanceof tf.Tensor) {
    throw new TraceError(`a traced function returns ${describe(results)}; return an object of tensors by name`);
  }
  if (Object.keys(results).length === 0) {
    throw new TraceError("a traced function returns no tensors; return some by name");
  }
  for (const [name, tensor] of Object.entries(results)) {
    if (name === "") throw new TraceError("an output of a traced function has an empty name; name it");
    if (tensor instanceof tf.Tensor) continue;
    throw new TraceError(`the output ${name} of a traced function is ${describe(tensor)}; return a tensor`);
  }
  return results as Record<string, tf.Tensor>;
}

function isPromise(value: unknown): value is Promise<unknown> {
  if (!(value instanceof Promise)) return false;
  // Nobody else waits for it: what it rejects would end the process.
  value.catch(() => {});
  return true;
}

function describe(value: unknown): string {
  if (isPromise(value)) return "a promise, though tracing does not wait";
  if (value instanceof tf.Tensor) return "a tensor";
  if (Array.isArray(value)) return "a list";
  return value === null || value === undefined ? `${value}` : `a ${typeof value}`;
}
