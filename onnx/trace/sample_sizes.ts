/**
 * The sizes at which a function with unknown dimensions is traced.
 *
 * One size would make every dimension look fixed. Two hide what depends on a remainder: for two odd sizes n, (n + 1) / 2 is n / 2
 * rounded up. So there are four, with every remainder of 2, 3 and 4, and different sizes for different dimensions.
 *
 * @module
 */

/** Sizes of the unknown dimensions, in their order. */
export type Sizes = readonly number[];

/** The number of the group of every dimension: those of a group have the same size. */
export type Groups = readonly number[];

/** Sizes of the first groups. Small ones, since functions make constants of the size of images. */
const FIRST = [[7, 5, 12, 10], [11, 13, 8, 18], [13, 11, 20, 6], [17, 15, 16, 22], [19, 17, 24, 26], [23, 21, 28, 30]];

const mixed = (more: number) => (group: number): Sizes => {
  const further = 48 * Math.floor(group / FIRST.length);
  return FIRST[group % FIRST.length]!.map((size) => size + further + more);
};

/** For functions that halve sizes several times and want no remainder. */
const multiples = (of: number) => (group: number): Sizes => [2, 3, 5, 9].map((times) => of * (group + times));

/** Small sizes first; larger ones suit functions whose windows do not fit into small images. */
const series: readonly ((group: number) => Sizes)[] = [
  mixed(0),
  mixed(36),
  mixed(240),
  multiples(32),
  // Batches and sides together are too large as multiples of 32.
  multiples(16),
  multiples(8),
];

/** Lists the sizes of several traces, for each series. */
export const sizesOfTraces = (groups: Groups): Sizes[][] =>
  series.map((sizesOf) => {
    const columns = groups.map(sizesOf);
    return columns[0]!.map((_, trace) => columns.map((column) => column[trace]!));
  });

/**
 * Small sizes, at which the function may fail. They show what is cut off at a fixed size.
 *
 * @param known the known sizes of inputs; an unknown one that equals them by chance would tell little
 */
export function smallSizes(groups: Groups, known: readonly number[]): Sizes {
  const sizes: number[] = [];
  for (let size = 2; sizes.length <= Math.max(...groups); size++) if (!known.includes(size)) sizes.push(size);
  return groups.map((group) => sizes[group]!);
}

/** Multiples of 32, the largest first. Constants that are squares of them are still folded. */
const LARGE = [1024, 512, 256, 128, 64, 32];
/** Functions of more groups are not traced at large sizes. */
const MOST_GROUPS = 4;

/**
 * Lists, for each group, sizes of which those of the group are large, the largest first: they show a condition such as
 * `length > 512`.
 *
 * @param traced sizes at which the function runs, all of them smaller
 */
export function largeSizes(groups: Groups, traced: readonly Sizes[]): Sizes[][] {
  const count = Math.max(...groups) + 1, [first] = traced as [Sizes];
  if (count > MOST_GROUPS) return [];
  return Array.from({ length: count }, (_, group) => {
    const largest = Math.max(...traced.map((sizes) => sizes[groups.indexOf(group)]!));
    const replaced = (size: number) => groups.map((other, at) => other === group ? size : first[at]!);
    return LARGE.filter((size) => size > largest).map(replaced);
  });
}
