/**
 * Finds sizes of unknown dimensions at which a function runs, with as few as possible that are equal.
 *
 * Dimensions start with different sizes. Where the function fails, since it adds two tensors perhaps, the two dimensions are
 * made equal with which it runs furthest, and so on. So a model is not taken to have equal sizes where it need not.
 *
 * @module
 */
import { TraceError } from "../graph/trace_error.ts";
import { type Groups, type Sizes, sizesOfTraces, smallSizes } from "./sample_sizes.ts";

/** An unknown dimension of an input. */
export interface UnknownDimension {
  readonly input: string;
  readonly axis: number;
}

/** The outcome of a trace at some sizes. */
export type Attempt<T> = { readonly result: T } | {
  /** The kernels that ran before. */
  readonly kernels: number;
  readonly error: unknown;
};

/** Inputs with more elements are not tried. */
const LARGEST_INPUT = 2 ** 22;

/** Traces of one function. */
export interface Traces<T> {
  readonly all: readonly T[];
  /** The trace where all unknown sizes are 1, if the function runs there. It may broadcast what others add. */
  readonly ofOnes: T | undefined;
}

/** Traces at a list of sizes, and at small ones if the function runs there. */
export function recordAtSizes<T>(
  dimensions: readonly UnknownDimension[],
  known: readonly number[],
  recordAt: (sizes: Sizes) => Attempt<T>,
): Traces<T> {
  let failure: TraceError | undefined;
  const kernelsAt = (sizes: Sizes): number => {
    const attempt = recordAt(sizes);
    if ("result" in attempt) return Infinity;
    failure ??= failedAt(sizes, attempt.error);
    return attempt.kernels;
  };
  for (const [series] of sizesOfTraces(dimensions.map((_, at) => at)).entries()) {
    const sizesOf = (groups: Groups) => sizesOfTraces(groups)[series]!;
    if (sizesOf(dimensions.map((_, at) => at)).some((sizes) => !isSmall(dimensions, sizes))) continue;
    const groups = findGroups(dimensions, (groups) => Math.min(...sizesOf(groups).map(kernelsAt)));
    if (!groups) continue;
    const record = (sizes: Sizes): T[] => {
      const attempt = recordAt(sizes);
      return "result" in attempt ? [attempt.result] : [];
    };
    const all = [...sizesOf(groups), smallSizes(groups, known)].flatMap(record);
    return { all, ofOnes: record(groups.map(() => 1))[0] };
  }
  throw failure ?? new TraceError("a traced function has too many dynamic dimensions; fix some of them");
}

/** @param run how far the function runs; infinite if to its end */
function findGroups(dimensions: readonly UnknownDimension[], run: (groups: Groups) => number): Groups | undefined {
  let groups: Groups = dimensions.map((_, at) => at), furthest = run(groups);
  while (furthest < Infinity) {
    const merged = merges(groups).map((groups) => ({ groups, kernels: run(groups) }));
    const best = merged.reduce((best, next) => next.kernels > best.kernels ? next : best, {
      groups,
      kernels: furthest,
    });
    if (best.kernels === furthest) return likely(dimensions).find((groups) => run(groups) === Infinity);
    ({ groups, kernels: furthest } = best);
  }
  return groups;
}

/** Groupings in which two groups are one, the last pairs being those of the last dimensions. */
function merges(groups: Groups): Groups[] {
  const count = Math.max(...groups) + 1;
  return Array.from(
    { length: count },
    (_, into) =>
      Array.from(
        { length: count - into - 1 },
        (_, at) => numbered(groups.map((group) => group === into + at + 1 ? into : group)),
      ),
  ).flat();
}

/** Dimensions that may have to be equal together: those of a batch, those of equal axes, all. */
const likely = (dimensions: readonly UnknownDimension[]): Groups[] => [
  numbered(dimensions.map(({ axis }, at) => axis === 0 ? 0 : at + 1)),
  numbered(dimensions.map(({ axis }) => axis)),
  dimensions.map(() => 0),
];

function numbered(groups: Groups): Groups {
  const order = [...new Set(groups)];
  return groups.map((group) => order.indexOf(group));
}

const isSmall = (dimensions: readonly UnknownDimension[], sizes: Sizes): boolean =>
  dimensions.every(({ input }) =>
    dimensions.reduce((product, other, at) => other.input === input ? product * sizes[at]! : product, 1) <=
      LARGEST_INPUT
  );

function failedAt(sizes: Sizes, cause: unknown): TraceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `a traced function fails where its dynamic dimensions are ${
    sizes.join(", ")
  } (${reason}); fix the dimensions`;
  return Object.assign(new TraceError(message), { cause });
}
