import assert from "#assert";

/** Asserts that two lists of numbers differ nowhere by more than `tolerance`, relative to the larger of 1 and the expected. */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "element",
): void {
  assert.equal(actual.length, expected.length, `${what}: number of elements`);
  for (let at = 0; at < expected.length; at++) {
    // Infinities, and NaN.
    if (Object.is(actual[at], expected[at])) continue;
    const difference = Math.abs(actual[at]! - expected[at]!);
    if (!(difference <= tolerance * Math.max(1, Math.abs(expected[at]!)))) {
      assert.fail(`${what} ${at}: got ${actual[at]}, want ${expected[at]} within ${tolerance} relative`);
    }
  }
}
