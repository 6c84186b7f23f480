import { TraceError } from "../graph/trace_error.ts";

/** The part of an input that is checked, as a program without types may write it. */
interface GivenInput {
  readonly shape: unknown;
  readonly dtype?: unknown;
}

const TYPES: readonly unknown[] = [undefined, "float32", "int32", "bool"];

/**
 * Checks the names, shapes and types of a traced function's inputs.
 *
 * @throws {TraceError} if one is wrong
 */
export function checkInputs(inputs: Readonly<Record<string, GivenInput>>): void {
  for (const [name, { shape, dtype }] of Object.entries(inputs)) {
    if (name === "") throw new TraceError("an input of a traced function has an empty name; name it");
    if (!Array.isArray(shape)) throw new TraceError(`the shape of input ${name} is ${shape}; it is a list of sizes`);
    const wrong = shape.find((size) => size !== null && !(Number.isInteger(size) && size >= 0));
    if (wrong !== undefined || shape.includes(undefined)) {
      throw new TraceError(`a size of input ${name} is ${wrong}; it is a whole number from 0, or null for any size`);
    }
    if (!TYPES.includes(dtype)) {
      throw new TraceError(`the type of input ${name} is ${dtype}; it is float32, int32 or bool`);
    }
  }
}
