/**
 * Shaking that starts late or fades: factors between the even ones and those that were drawn,
 *
 *     factor = 1/n + strength (drawn - 1/n)
 *
 * so that 0 is no shaking, 1 is all of it, and over the branches the factors still sum to 1.
 *
 * @module
 */
import { piecewiseLinear, type Point } from "./piecewise_linear.ts";
import type { Factors } from "./shake_factors.ts";

/** The factors of a strength. */
export function weakened({ alpha, beta }: Factors, branches: number, strength: number): Factors {
  if (strength === 1) return { alpha, beta };
  const even = 1 / branches;
  const towardsEven = (factors: Float32Array) => factors.map((factor) => even + strength * (factor - even));
  return { alpha: towardsEven(alpha), beta: towardsEven(beta) };
}

/** Strengths by the share of the run that has passed, straight between the points. */
export type StrengthPlan = readonly Point[];

/**
 * Reads a plan such as `0.3:0,0.5:1`: none until 30 % of the run, all from half of it on. The empty text is 1 throughout.
 *
 * @throws {RangeError} saying what is wrong and what is allowed
 */
export function parseStrengthPlan(text: string): StrengthPlan {
  const points = text.split(",").map((part) => part.trim()).filter((part) => part !== "").map((part): Point => {
    const numbers = part.split(":").map((number) => number.trim() === "" ? NaN : Number(number));
    const [share, strength] = numbers;
    if (numbers.length !== 2 || !numbers.every((number) => number >= 0 && number <= 1)) {
      throw new RangeError(`"${part}" is no share of the run and strength, both from 0 to 1, such as 0.5:1`);
    }
    return [share!, strength!];
  });
  const late = points.findIndex(([share], at) => at > 0 && share <= points[at - 1]![0]);
  if (late !== -1) throw new RangeError(`"${text}": the shares of the run must rise, and ${points[late]![0]} does not`);
  return points.length > 0 ? points : [[0, 1]];
}

/** The strength of a step, 0 to 1. */
export const strengthAt = (plan: StrengthPlan, step: number, steps: number): number =>
  piecewiseLinear(plan, step / steps);
