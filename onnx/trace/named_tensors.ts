import * as tf from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";
import { describe, isPromise } from "./describe.ts";

/**
 * Asserts that a function returned tensors by name.
 *
 * @throws {TraceError} if not
 */
export function namedTensors(results: unknown): Record<string, tf.Tensor> {
  const isRecord = typeof results === "object" && results !== null && !Array.isArray(results);
  if (!isRecord || isPromise(results) || results instanceof tf.Tensor) {
    const pending = isPromise(results) ? ", though tracing does not wait" : "";
    throw new TraceError(
      `a traced function returns ${describe(results)}${pending}; return an object of tensors by name`,
    );
  }
  if (Object.keys(results).length === 0) {
    throw new TraceError("a traced function returns no tensors; return some by name");
  }
  for (const [name, tensor] of Object.entries(results)) {
    if (name === "") throw new TraceError("an output of a traced function has an empty name; name it");
    if (tensor instanceof tf.Tensor) continue;
    const pending = isPromise(tensor) ? ", though tracing does not wait" : "";
    throw new TraceError(`the output ${name} of a traced function is ${describe(tensor)}${pending}; return a tensor`);
  }
  return results as Record<string, tf.Tensor>;
}
