import type { Host } from "./run_model.ts";

const STEP = 2 ** -6;

/** Approximates the gradients, by float inputs, of a function of them: of a quadratic function they are exact. */
export function centralDifferences(
  loss: (inputs: Host) => number,
  inputs: Host,
): Host {
  const gradients = Object.entries(inputs).filter(([, { data }]) => data instanceof Float32Array).map(
    ([name, { shape, data }]): [string, Host[string]] => {
      const moved = (at: number, by: number) =>
        loss({ ...inputs, [name]: { shape, data: Float32Array.from(data, (x, index) => index === at ? x + by : x) } });
      const slopes = Float32Array.from(data, (_, at) => (moved(at, STEP) - moved(at, -STEP)) / (2 * STEP));
      return [`d${name}`, { shape, data: slopes }];
    },
  );
  return Object.fromEntries(gradients);
}
