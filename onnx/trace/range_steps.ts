import { Range, type RangeAttrs } from "@tensorflow/tfjs";
import type { Kernel } from "../graph/graph.ts";

/**
 * Gives ranges that run backwards their step of -1: TensorFlow.js turns its default around where the stop is below the start,
 * and `tf.range(0, -x.shape[0])` has no other sign of it.
 *
 * @param kernels one kernel of the same name in each trace
 */
export function withRangeSteps(kernels: readonly Kernel[]): readonly Kernel[] {
  if (kernels[0]!.name !== Range) return kernels;
  const ranges = kernels.map(({ attributes }) => attributes as unknown as RangeAttrs);
  const runsBackwards = ({ start, stop, step }: RangeAttrs) => step === 1 && stop < start;
  if (!ranges.some(runsBackwards)) return kernels;
  // A range without elements has any direction.
  const isTurned = (range: RangeAttrs) => runsBackwards(range) || range.start === range.stop;
  return kernels.map((kernel, at) =>
    isTurned(ranges[at]!) ? { ...kernel, attributes: { ...kernel.attributes, step: -1 } } : kernel
  );
}
