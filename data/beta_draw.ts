/**
 * Draws of beta distributions.
 *
 * @module
 */
import type { Stream } from "./random.ts";

/**
 * A draw of Beta(a, a), by two gamma draws: x / (x + y).
 *
 * @param a above 0
 */
export function betaDraw(a: number, random: Stream): number {
  const [x, y] = [logGammaDraw(a, random), logGammaDraw(a, random)];
  return 1 / (1 + Math.exp(y - x));
}

/** The logarithm of a draw of Gamma(a, 1), which itself may be too small for a number (Marsaglia & Tsang 2000). */
function logGammaDraw(a: number, random: Stream): number {
  // Their section 6: a draw of a + 1 times u^(1 / a) is one of a.
  if (a < 1) return logGammaDraw(a + 1, random) + Math.log(1 - random.uniform()) / a;
  const d = a - 1 / 3, c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal(), v = (1 + c * x) ** 3;
    const u = 1 - random.uniform();
    if (v > 0 && Math.log(u) < x * x / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}
