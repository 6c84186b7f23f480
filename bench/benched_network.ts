/** The network that a benchmark compiles: its state, and the size of its images. */
import { stream } from "../data/random.ts";
import { initialise } from "../model/initialise.ts";
import { type ShakeNet, shakeNet } from "../model/shakenet.ts";
import { initialState } from "../model/training_step.ts";

/** The size of its images. */
export const imageShape = [32, 32, 3] as const;

export interface BenchedNetwork {
  readonly net: ShakeNet;
  readonly state: ReturnType<typeof initialState>;
}

/** Makes a network with ten classes and its first state, of one seed, from values of flags. */
export function benchedNetwork(
  { depth, width, branches = "2" }: { readonly depth: string; readonly width: string; readonly branches?: string },
): BenchedNetwork {
  const net = shakeNet({ depth: Number(depth), width: Number(width), branches: Number(branches), classes: 10 });
  return {
    net,
    state: initialState(net, initialise(net.variables, (index) => stream(1, "initialisation", index).uniform)),
  };
}
