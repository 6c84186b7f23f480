/**
 * The sizes at which a function with unknown dimensions is traced.
 *
 * One size would make every dimension look fixed. Two hide what depends on a remainder: of two odd sizes, half of one more is
 * their half rounded up. So there are four, with every remainder of 2, 3 and 4, and different sizes for different dimensions, and a fifth where the function allows
 * it.
 *
 * @module
 */

/** An unknown dimension of an input. */
export interface UnknownDimension {
  readonly input: string;
  readonly axis: number;
}

/** Sizes of the unknown dimensions, in their order. */
export type Sizes = readonly number[];

export interface Samples {
  /** Sizes for each trace. */
  readonly traces: readonly Sizes[];
  /** Sizes so small that the function may fail there, though it need not: they show what is cut off at a fixed size. */
  readonly small: Sizes;
}

/** Sizes of the first dimensions. Small ones, since functions make constants of the size of images. */
const FIRST = [[7, 5, 12, 10], [11, 13, 8, 18], [13, 11, 20, 6], [17, 15, 16, 22], [19, 17, 24, 26], [23, 21, 28, 30]];

/** The sizes of the dimension with a number. */
const mixed = (at: number, more: number): number[] => {
  const further = 24 * Math.floor(at / FIRST.length);
  return FIRST[at % FIRST.length]!.map((size) => size + further + more);
};

/** For functions that halve sizes several times and want no remainder. */
const multiples = (at: number): number[] => [at + 2, at + 3, at + 5, at + 9].map((size) => 32 * size);

/** Small sizes first; larger ones suit functions whose windows do not fit into small images. */
const series: readonly ((at: number) => number[])[] = [0, 36, 240].map((more) => (at: number) => mixed(at, more)).concat(
  multiples,
);

/** Of up to as many dimensions all groupings are tried, finest first. */
const GROUPED_DIMENSIONS = 5;

/** Which of many dimensions have the same size: none, those of a batch, those of equal axes, all. */
const likely: readonly ((dimensions: readonly UnknownDimension[]) => number[])[] = [
  (dimensions) => dimensions.map((_, at) => at),
  (dimensions) => dimensions.map(({ axis }, at) => axis === 0 ? 0 : at + 1),
  (dimensions) => dimensions.map(({ axis }) => axis),
  (dimensions) => dimensions.map(() => 0),
];

/** Lists the ways to group dimensions, as the number of each one's group; groups are numbered as they appear. */
function groupings(dimensions: readonly UnknownDimension[]): number[][] {
  if (dimensions.length > GROUPED_DIMENSIONS) {
    const inOrder = likely.map((group) => numbered(group(dimensions)));
    return [...new Map(inOrder.map((groups) => [groups.join(), groups])).values()];
  }
  const all = dimensions.reduce<number[][]>(
    (begun, _) => begun.flatMap((groups) => Array.from({ length: count(groups) + 1 }, (_, group) => [...groups, group])),
    [[]],
  );
  return all.toSorted((a, b) => count(b) - count(a));
}

const count = (groups: readonly number[]) => Math.max(-1, ...groups) + 1;

function numbered(groups: readonly number[]): number[] {
  const order = [...new Set(groups)];
  return groups.map((group) => order.indexOf(group));
}

/** Inputs with more elements are not tried. */
const LARGEST_PRODUCT = 2 ** 22;

const product = (sizes: readonly number[]) => sizes.reduce((product, size) => product * size, 1);

/**
 * Lists samples to try in turn, until the function runs at all sizes of one.
 *
 * @param known the known sizes of inputs; an unknown one that equals them by chance would tell little
 */
export function samplesToTry(dimensions: readonly UnknownDimension[], known: readonly number[]): Samples[] {
  const smallSizes = dimensions.reduce<number[]>((sizes) => {
    let size = (sizes.at(-1) ?? 1) + 1;
    while (known.includes(size)) size++;
    return [...sizes, size];
  }, []);
  const inputs = [...new Set(dimensions.map(({ input }) => input))];
  const isSmall = (sizes: readonly number[]) =>
    inputs.every((input) => product(sizes.filter((_, at) => dimensions[at]!.input === input)) <= LARGEST_PRODUCT);
  const all = groupings(dimensions);
  return series.flatMap((sizesOf) =>
    all.map((groups) => {
      const columns = groups.map(sizesOf);
      const traces = columns[0]!.map((_, trace) => columns.map((column) => column[trace]!));
      return { traces, small: groups.map((group) => smallSizes[group]!) };
    }).filter(({ traces }) => traces.every(isSmall))
  );
}
