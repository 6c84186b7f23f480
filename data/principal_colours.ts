/**
 * The principal components of the colours of images.
 *
 * @module
 */
import type { PerChannel } from "./catalogue.ts";

export interface PrincipalColours {
  /** Unit vectors in red, green and blue, the one of the greatest deviation first. */
  readonly directions: readonly PerChannel[];
  /** Standard deviation along each, for pixels in [0, 1]. */
  readonly deviations: readonly number[];
}

/** Pixels that are looked at, about; more change nothing that is seen. */
const SAMPLE = 1 << 20;

/** @param images uint8, any number of pixels of three channels */
export function principalColours(images: Uint8Array): PrincipalColours {
  const pixels = images.length / 3, stride = Math.max(1, Math.floor(pixels / SAMPLE));
  const sums = [0, 0, 0], products = [[0, 0, 0], [0, 0, 0], [0, 0, 0]];
  let count = 0;
  for (let at = 0; at < pixels; at += stride, count++) {
    const colour = [images[3 * at]! / 255, images[3 * at + 1]! / 255, images[3 * at + 2]! / 255];
    for (let i = 0; i < 3; i++) {
      sums[i]! += colour[i]!;
      for (let j = 0; j < 3; j++) products[i]![j]! += colour[i]! * colour[j]!;
    }
  }
  const covariance = products.map((row, i) => row.map((sum, j) => sum / count - sums[i]! * sums[j]! / count ** 2));
  const { values, vectors } = eigen(covariance);
  const order = [0, 1, 2].toSorted((a, b) => values[b]! - values[a]!);
  return {
    directions: order.map((at) => vectors.map((row) => row[at]!) as unknown as PerChannel),
    deviations: order.map((at) => Math.sqrt(Math.max(0, values[at]!))),
  };
}

/** Eigenvalues, and eigenvectors as columns, of a symmetric 3 x 3 matrix, by Jacobi's rotations. */
function eigen(symmetric: readonly (readonly number[])[]): { values: number[]; vectors: number[][] } {
  const a = symmetric.map((row) => [...row]), vectors = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  for (let sweep = 0; sweep < 30; sweep++) {
    for (const [p, q] of [[0, 1], [0, 2], [1, 2]] as const) {
      if (Math.abs(a[p]![q]!) < 1e-300) continue;
      const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!);
      const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
      const cosine = 1 / Math.hypot(t, 1), sine = t * cosine;
      const turn = (x: number, y: number): [number, number] => [cosine * x - sine * y, sine * x + cosine * y];
      for (let k = 0; k < 3; k++) [a[k]![p], a[k]![q]] = turn(a[k]![p]!, a[k]![q]!);
      for (let k = 0; k < 3; k++) [a[p]![k], a[q]![k]] = turn(a[p]![k]!, a[q]![k]!);
      for (let k = 0; k < 3; k++) [vectors[k]![p], vectors[k]![q]] = turn(vectors[k]![p]!, vectors[k]![q]!);
    }
  }
  return { values: a.map((row, at) => row[at]!), vectors };
}
