/**
 * Cosine annealing without restart (Loshchilov & Hutter 2017, "SGDR", equation 5 with one period and a minimum of 0).
 *
 * @param step 0 to `steps`
 * @param steps length of the run
 * @param initial rate at step 0
 */
export function cosine(step: number, steps: number, initial: number): number {
  return initial * 0.5 * (1 + Math.cos(Math.PI * step / steps));
}
