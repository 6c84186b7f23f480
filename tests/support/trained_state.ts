import { initialise } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";
import { initialState } from "../../model/training_step.ts";
import { uniformNumbers } from "./random_tensors.ts";

/** A state as if it were trained: statistics, scales and shifts that are not where they begin. */
export function trainedState(net: Network): ReturnType<typeof initialState> {
  const initial = initialise(net.variables, uniformNumbers);
  const moved = net.variables.map(({ name }, index) => {
    const { shape, data } = initial[name]!;
    const next = uniformNumbers(1000 + index);
    const changed = /\/(gamma|movingVariance)$/.test(name)
      ? data.map(() => 0.5 + next())
      : /\/(beta|movingMean)$/.test(name)
      ? data.map(() => next() - 0.5)
      : data;
    return [name, { shape, data: changed }];
  });
  return initialState(net, Object.fromEntries(moved));
}
