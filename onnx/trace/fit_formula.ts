/**
 * Finds how numbers depend on the unknown sizes of inputs, from their values in several traces. A formula has two parameters;
 * each further trace checks it. The function itself is not examined.
 *
 * @module
 */
import type { SizeFormula } from "../graph/graph.ts";

/** The most sizes in a product. */
const LARGEST_DEGREE = 4;
const LARGEST_DIVISOR = 64;
/** About four roundings of float32. */
const TOLERANCE = 5e-7;

type Samples = readonly number[];

/** Finds a whole size as a product of input sizes times a fraction, plus a number. */
export function fitSize(samples: Samples, inputs: readonly Samples[]): SizeFormula | undefined {
  return candidates(samples, inputs).find(({ factor, divisor, offset }) =>
    [factor, divisor, offset].every(Number.isSafeInteger)
  );
}

/** Finds any number as a multiple of a product of input sizes plus a number, or as a number divided by a product. */
export function fitFormula(samples: Samples, inputs: readonly Samples[]): SizeFormula | undefined {
  return fitSize(samples, inputs) ?? candidates(samples, inputs)[0] ?? quotient(samples, inputs);
}

function candidates(samples: Samples, inputs: readonly Samples[]): SizeFormula[] {
  const found = monomials(inputs).flatMap(({ sizes, values }): SizeFormula[] => {
    // A product may have the same value in two traces: 13 * 11 is 11 * 13.
    const other = values.findIndex((value) => value !== values[0]);
    const slope = (samples[other]! - samples[0]!) / (values[other]! - values[0]!);
    if (!Number.isFinite(slope) || slope === 0) return [];
    const offset = samples[0]! - slope * values[0]!;
    if (!values.every((value, at) => isClose(slope * value + offset, samples[at]!))) return [];
    return [wholeNumbers({ factor: slope, sizes, offset, divisor: 1, inverse: false })];
  });
  return found.toSorted((a, b) => Number(a.offset !== 0) - Number(b.offset !== 0));
}

/** Writes factor and offset as fractions of whole numbers, if they are. */
function wholeNumbers(formula: SizeFormula): SizeFormula {
  for (let divisor = 1; divisor <= LARGEST_DIVISOR; divisor++) {
    const factor = formula.factor * divisor, offset = formula.offset * divisor;
    if (isWhole(factor) && isWhole(offset)) {
      return { ...formula, factor: Math.round(factor), offset: Math.round(offset) || 0, divisor };
    }
  }
  return formula;
}

const isWhole = (x: number) => Math.abs(x - Math.round(x)) < 1e-9;

function quotient(samples: Samples, inputs: readonly Samples[]): SizeFormula | undefined {
  for (const { sizes, values } of monomials(inputs)) {
    const factor = samples[0]! * values[0]!;
    if (values.every((value, at) => isClose(factor / value, samples[at]!))) {
      return { factor: nearWhole(factor), sizes, offset: 0, divisor: 1, inverse: true };
    }
  }
  return undefined;
}

/** A float32 quotient times its divisor is nearly the dividend. */
const nearWhole = (x: number) => isClose(x, Math.round(x)) ? Math.round(x) : x;

const isClose = (x: number, y: number) => Math.abs(x - y) <= TOLERANCE * Math.max(Math.abs(x), Math.abs(y));

/** Products of input sizes, with their values in every trace. */
function monomials(inputs: readonly Samples[]): { sizes: number[]; values: number[] }[] {
  let last = inputs.map((values, at) => ({ sizes: [-1 - at], values: [...values] }));
  const all = [...last];
  for (let degree = 2; degree <= LARGEST_DEGREE; degree++) {
    last = last.flatMap(({ sizes, values }) =>
      inputs.flatMap((more, at) =>
        -1 - at > sizes.at(-1)! ? [] : [{ sizes: [...sizes, -1 - at], values: values.map((x, k) => x * more[k]!) }]
      )
    );
    all.push(...last);
  }
  return all;
}
