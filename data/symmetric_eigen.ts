/**
 * Eigenvalues and eigenvectors of symmetric matrices, by Jacobi's rotations (Golub & Van Loan 2013, "Matrix Computations",
 * section 8.5): each rotation makes one pair of elements zero, and sweeps over all pairs converge quadratically.
 *
 * @module
 */

/** More than a matrix of some dozens of rows needs. */
const SWEEPS = 30;
/** An element as small as this is zero. */
const NOTHING = 1e-300;

export interface Eigen {
  /** In no order. */
  readonly values: number[];
  /** As columns, in the order of the values: orthogonal, of length 1. */
  readonly vectors: number[][];
}

/** @param symmetric [n, n] */
export function eigen(symmetric: readonly (readonly number[])[]): Eigen {
  const n = symmetric.length;
  const a = symmetric.map((row) => [...row]);
  const vectors = a.map((row, i) => row.map((_, j) => i === j ? 1 : 0));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) if (Math.abs(a[p]![q]!) >= NOTHING) rotate(a, vectors, p, q);
    }
  }
  return { values: a.map((row, at) => row[at]!), vectors };
}

/** Turns rows and columns p and q so that a[p][q] becomes 0. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cosine = 1 / Math.hypot(t, 1), sine = t * cosine;
  const turn = (x: number, y: number): [number, number] => [cosine * x - sine * y, sine * x + cosine * y];
  for (const row of a) [row[p], row[q]] = turn(row[p]!, row[q]!);
  for (let k = 0; k < a.length; k++) [a[p]![k], a[q]![k]] = turn(a[p]![k]!, a[q]![k]!);
  for (const row of vectors) [row[p], row[q]] = turn(row[p]!, row[q]!);
}
