/**
 * Whitening filters as the first convolution of a network.
 *
 * @module
 */
import { whiteningFilters } from "../../data/whitening.ts";
import type { TrainingData } from "../../data/batches.ts";
import type { InitialTensor } from "../../model/initialise.ts";
import type { Network } from "../../model/network.ts";

/** The weight of the first convolution, in every network. */
export const STEM_KERNEL = "stem/conv/kernel";

/** Replaces the initial kernel of the first convolution by filters that whiten patches of the training images. */
export function withWhitenedStem(
  initial: Readonly<Record<string, InitialTensor>>,
  { variables }: Pick<Network, "variables">,
  dataset: TrainingData,
): Record<string, InitialTensor> {
  const { shape } = variables.find(({ name }) => name === STEM_KERNEL)!;
  const [size, , , filters] = shape as [number, number, number, number];
  const components = Math.min(filters, 2 * size * size * dataset.imageShape[2]);
  const whitening = whiteningFilters(dataset, { size, filters: components });
  return { ...initial, [STEM_KERNEL]: { shape, data: firstFilters(initial[STEM_KERNEL]!.data, whitening, filters) } };
}

/** Replaces the first filters of a kernel [..., filters]; a network with more filters than components keeps the others. */
function firstFilters(kernel: Float32Array, whitening: Float32Array, filters: number): Float32Array {
  const replaced = whitening.length / (kernel.length / filters);
  return kernel.map((value, at) => {
    const filter = at % filters;
    return filter < replaced ? whitening[Math.floor(at / filters) * replaced + filter]! : value;
  });
}
