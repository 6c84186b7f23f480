import * as tf from "@tensorflow/tfjs";
import { TraceError } from "../graph/trace_error.ts";

/**
 * Runs a function that may neither draw random numbers, which each run of the graph would repeat, nor assign variables, which
 * would then hold tensors without elements.
 *
 * @throws {TraceError} if it does
 */
export function withoutSideEffects<T>(run: () => T): T {
  const { random } = Math, { assign } = tf.Variable.prototype;
  Math.random = () => {
    throw new TraceError(
      "a traced function draws random numbers, which would be the same in every run; draw them outside and pass them as an input",
    );
  };
  tf.Variable.prototype.assign = function (this: tf.Variable) {
    throw new TraceError(`a traced function assigns the variable ${this.name}; return the new value as an output`);
  };
  try {
    return run();
  } finally {
    Math.random = random;
    tf.Variable.prototype.assign = assign;
  }
}
