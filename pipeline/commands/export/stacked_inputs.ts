/**
 * The inputs of several training steps as one set of tensors.
 *
 * @module
 */
import type { HostTensor } from "../../../engine/engine.ts";

/** The inputs of each step by name. */
export type Steps = readonly [Readonly<Record<string, HostTensor>>, ...Readonly<Record<string, HostTensor>>[]];

/** Stacks the inputs of all steps: each tensor has the steps as its first dimension. */
export function stackedInputs(steps: Steps): Record<string, HostTensor> {
  return Object.fromEntries(
    Object.entries(steps[0]).map(([name, { shape, data: first }]) => {
      const length = first.length * steps.length;
      const data = first instanceof Int32Array ? new Int32Array(length) : new Float32Array(length);
      steps.forEach((inputs, at) => data.set(inputs[name]!.data, at * first.length));
      return [name, { shape: [steps.length, ...shape], data }];
    }),
  );
}
