import * as tf from "@tensorflow/tfjs";

/** True for a promise. Its rejection is ignored: nobody waits for the promise, so the rejection would end the process. */
export function isPromise(value: unknown): value is Promise<unknown> {
  if (!(value instanceof Promise)) return false;
  value.catch(() => {});
  return true;
}

const kinds: readonly (readonly [is: (value: unknown) => boolean, kind: string])[] = [
  [(value) => value === null || value === undefined, ""],
  [isPromise, "a promise"],
  [(value) => value instanceof tf.Variable, "a variable"],
  [(value) => value instanceof tf.Tensor, "a tensor"],
  [(value) => value instanceof tf.GraphModel, "a tf.GraphModel"],
  [(value) => value instanceof tf.LayersModel, "a tf.LayersModel"],
  [(value) => value instanceof tf.layers.Layer, "a layer"],
  [Array.isArray, "a list"],
  [(value) => typeof value === "object", "an object"],
];

/** Names the kind of a value in an error: `a list`. */
export function describe(value: unknown): string {
  const kind = kinds.find(([is]) => is(value));
  return kind ? kind[1] || String(value) : `a ${typeof value}`;
}
