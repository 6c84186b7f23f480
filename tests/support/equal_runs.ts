/** Compares two runs of training that differ by rounding. */
import assert from "#assert";
import type { RunResult } from "./training_run.ts";

/** The relative size of a rounding to float32. */
export const ROUNDING = 2 ** -24;

/** Returns the largest difference of two tensors' elements, relative to the largest element, or to 0.001 for small tensors. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0, largest = 1e-3;
  for (let at = 0; at < expected.length; at++) {
    difference = Math.max(difference, Math.abs(actual[at]! - expected[at]!));
    largest = Math.max(largest, Math.abs(expected[at]!));
  }
  return difference / largest;
}

/**
 * Asserts that weights, momentum, statistics and losses of two runs differ by no more than the tolerance.
 *
 * @returns the name and size of the largest difference
 */
export function assertEqualRuns(actual: RunResult, expected: RunResult, tolerance: number): string {
  assert.deepEqual(Object.keys(actual.state), Object.keys(expected.state));
  const differences = Object.entries(expected.state).map(([key, { data }]) => ({
    key,
    difference: relativeDifference(actual.state[key]!.data, data),
  }));
  differences.push({ key: "losses", difference: relativeDifference(actual.losses, expected.losses) });
  const worst = differences.reduce((a, b) => b.difference > a.difference ? b : a);
  const text = `${worst.key} differs by ${worst.difference.toPrecision(2)}`;
  assert.ok(worst.difference <= tolerance, text);
  return text;
}
