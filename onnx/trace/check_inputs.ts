import * as tf from "@tensorflow/tfjs";
import { isDataType } from "../graph/host_array.ts";
import { TraceError } from "../graph/trace_error.ts";
import { describe } from "./describe.ts";

/** The part of an input that is checked, as a program without types may write it. */
interface GivenInput {
  readonly shape: unknown;
  readonly dtype?: unknown;
}

/**
 * Checks the names, shapes and types of a traced function's inputs.
 *
 * @throws {TraceError} if one is wrong
 */
export function checkInputs(inputs: Readonly<Record<string, GivenInput>>): void {
  if (!isRecord(inputs)) {
    throw new TraceError(`the inputs of a traced function are ${describe(inputs)}; pass { shape, dtype } by name`);
  }
  for (const [name, input] of Object.entries(inputs)) {
    if (name === "") throw new TraceError("an input of a traced function has an empty name; name it");
    if (!isRecord(input)) throw new TraceError(`input ${name} is ${describe(input)}; pass { shape, dtype }`);
    const { shape, dtype } = input;
    if (!Array.isArray(shape)) throw new TraceError(`the shape of input ${name} is ${shape}; it is a list of sizes`);
    const wrong = shape.find((size) => size !== null && !(Number.isInteger(size) && size >= 0));
    if (wrong !== undefined || shape.includes(undefined)) {
      throw new TraceError(`a size of input ${name} is ${wrong}; it is a whole number from 0, or null for any size`);
    }
    if (dtype !== undefined && !isDataType(dtype)) {
      throw new TraceError(`the type of input ${name} is ${dtype}; it is float32, int32 or bool`);
    }
  }
}

const isRecord = (value: unknown): boolean => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Checks that a function is one.
 *
 * @throws {TraceError} if it is something else
 */
export function checkFunction(fn: unknown): void {
  if (typeof fn === "function") return;
  const isModel = fn instanceof tf.LayersModel || fn instanceof tf.GraphModel;
  const advice = isModel ? "pass it to traceModel" : "pass a function of named tensors";
  throw new TraceError(`a traced function is ${describe(fn)}; ${advice}`);
}
