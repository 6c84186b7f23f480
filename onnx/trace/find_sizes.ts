/**
 * Finds sizes of unknown dimensions at which a function runs, with as few as possible that are equal.
 *
 * Dimensions start with different sizes. If the function fails, for example because it adds two tensors, the two dimensions
 * become equal with which it runs furthest. This repeats until the function runs. So a model requires equal sizes only where
 * the function does.
 *
 * @module
 */
import { TraceError } from "../graph/trace_error.ts";
import { type Groups, largeSizes, type Sizes, sizesOfTraces, smallSizes } from "./sample_sizes.ts";

/** An unknown dimension of an input. */
export interface UnknownDimension {
  readonly input: string;
  readonly axis: number;
  /** The number of the input's axes. */
  readonly rank: number;
}

/** The outcome of a trace at some sizes. */
export type Attempt<T> = { readonly result: T } | {
  /** The kernels that ran before. */
  readonly kernels: number;
  readonly error: unknown;
};

/** Inputs with more elements are not tried. */
const LARGEST_INPUT = 2 ** 22;

/** A trace where one size is large ends at a larger value: gradients make constants of the same size. */
const MOST_ELEMENTS = 2 ** 20;

/** Traces of one function. */
export interface Traces<T> {
  readonly all: readonly T[];
  /** The trace where all unknown sizes are 1, if the function runs there. It may broadcast what others add. */
  readonly ofOnes: T | undefined;
}

/** Traces at a list of sizes, and at small and large ones if the function runs there. */
export function recordAtSizes<T>(
  dimensions: readonly UnknownDimension[],
  known: readonly number[],
  recordAt: (sizes: Sizes, mostElements?: number) => Attempt<T>,
): Traces<T> {
  let failure: TraceError | undefined;
  const isSmall = (sizes: Sizes) =>
    dimensions.every(({ input }) => product(sizes.filter((_, at) => dimensions[at]!.input === input)) <= LARGEST_INPUT);
  const progressAt = (sizes: Sizes): Progress => {
    const attempt = recordAt(sizes);
    if ("result" in attempt) return COMPLETE;
    failure ??= failedAt(dimensions, sizes, attempt.error);
    return { kernels: attempt.kernels, error: withoutNumbers(attempt.error) };
  };
  for (const series of sizesOfTraces(dimensions.map(() => 0)).keys()) {
    const sizesOf = (groups: Groups) => sizesOfTraces(groups)[series]!;
    const groups = findGroups(dimensions, (groups) => {
      const traces = sizesOf(groups);
      if (!traces.every(isSmall)) return { kernels: 0, error: "too large" };
      return traces.map(progressAt).reduce((least, next) => next.kernels < least.kernels ? next : least);
    });
    if (!groups) continue;
    const record = (sizes: Sizes, mostElements?: number): T[] => {
      const attempt = recordAt(sizes, mostElements);
      return "result" in attempt ? [attempt.result] : [];
    };
    const traces = sizesOf(groups), small = [...traces, smallSizes(groups, known)].flatMap((sizes) => record(sizes));
    const large = largeSizes(groups, traces).flatMap((candidates) => recordFirst(candidates.filter(isSmall), record));
    return { all: [...small, ...large], ofOnes: record(groups.map(() => 1))[0] };
  }
  throw failure ?? new TraceError("a traced function has too many dynamic dimensions; fix some of them");
}

/** Traces at the first of some sizes where the function runs with small values, if there is one. */
function recordFirst<T>(candidates: readonly Sizes[], record: (sizes: Sizes, mostElements: number) => T[]): T[] {
  for (const sizes of candidates) {
    const traces = record(sizes, MOST_ELEMENTS);
    if (traces.length > 0) return traces;
  }
  return [];
}

/** How far a function runs before it fails: some kernels, and perhaps past one of several checks of the next. */
interface Progress {
  readonly kernels: number;
  readonly error: string;
}

const COMPLETE: Progress = { kernels: Infinity, error: "" };

type Run = (groups: Groups) => Progress;

/** Merges groups of dimensions until the function runs. */
function findGroups(dimensions: readonly UnknownDimension[], run: Run): Groups | undefined {
  let groups: Groups = dimensions.map((_, at) => at), progress = run(groups);
  while (progress !== COMPLETE) {
    const better = furthest(merges(groups), progress, run) ?? furthest(merges(groups).flatMap(merges), progress, run);
    if (!better) {
      const found = likely(dimensions).find((groups) => run(groups) === COMPLETE);
      return found && separated(found, run);
    }
    ({ groups, progress } = better);
  }
  return separated(groups, run);
}

/** Takes dimensions out of their groups, alone or together, as long as the function runs. */
function separated(found: Groups, run: Run): Groups {
  let groups = found;
  for (let group = 0; group <= Math.max(...groups); group++) {
    const apart = parts(groups, group).find((part) => run(part) === COMPLETE);
    if (!apart) continue;
    groups = apart;
    // What is left of the group may come apart too.
    group--;
  }
  return groups;
}

/** From larger groups only single dimensions are taken out. */
const MOST_TOGETHER = 8;

/** Groupings in which some dimensions of a group, few first, are a group of their own. */
function parts(groups: Groups, group: number): Groups[] {
  const members = groups.flatMap((other, at) => other === group ? [at] : []), next = Math.max(...groups) + 1;
  const apart = (some: readonly number[]) => groups.map((other, at) => some.includes(at) ? next : other);
  if (members.length < 2) return [];
  if (members.length > MOST_TOGETHER) return members.map((member) => apart([member]));
  const others = members.slice(1);
  const subsets = others.reduce<number[][]>((all, member) => [...all, ...all.map((some) => [...some, member])], [[]]);
  return subsets.slice(1).toSorted((a, b) => a.length - b.length).map(apart);
}

/** Longer lists of groupings are not tried. */
const MOST_MERGES = 250;

/** Finds the first of the groupings with which a function runs furthest, if it runs further than before. */
function furthest(all: readonly Groups[], before: Progress, run: Run) {
  if (all.length > MOST_MERGES) return undefined;
  let best: { groups: Groups; progress: Progress } | undefined;
  for (const groups of new Map(all.map((groups) => [groups.join(), groups])).values()) {
    const progress = run(groups), than = best?.progress ?? before;
    if (
      progress.kernels > than.kernels || (!best && progress.kernels === than.kernels && progress.error !== than.error)
    ) {
      best = { groups, progress };
    }
    if (progress === COMPLETE) break;
  }
  return best;
}

/** Groupings in which two groups are one. */
function merges(groups: Groups): Groups[] {
  const count = Math.max(...groups) + 1;
  return Array.from({ length: count }, (_, into) =>
    Array.from({ length: count - into - 1 }, (_, at) => {
      const merged = into + at + 1;
      return numbered(groups.map((group) => group === merged ? into : group));
    })).flat();
}

/** Dimensions that may have to be equal together: those of a batch, those of equal axes from the front or the end, all. */
const likely = (dimensions: readonly UnknownDimension[]): Groups[] => [
  numbered(dimensions.map(({ axis }, at) => axis === 0 ? 0 : at + 1)),
  numbered(dimensions.map(({ axis }) => axis)),
  numbered(dimensions.map(({ axis, rank }) => rank - axis)),
  dimensions.map(() => 0),
];

function numbered(groups: Groups): Groups {
  const order = [...new Set(groups)];
  return groups.map((group) => order.indexOf(group));
}

const product = (sizes: Sizes) => sizes.reduce((product, size) => product * size, 1);

/** The message of an error as it is at every size. */
const withoutNumbers = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/[\d,]+/g, "");

function failedAt(dimensions: readonly UnknownDimension[], sizes: Sizes, cause: unknown): TraceError {
  if (cause instanceof TraceError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const all = dimensions.map(({ input, axis }, at) => `${sizes[at]} for dimension ${axis} of ${input}`).join(", ");
  const message = `a traced function fails at every size that is tried, such as ${all} (${reason}); ` +
    "correct it, or fix the dimensions if it needs certain sizes";
  return Object.assign(new TraceError(message), { cause });
}
