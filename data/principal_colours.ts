/**
 * The principal components of the colours of images.
 *
 * @module
 */
import type { PerChannel } from "./catalogue.ts";
import { samplingStride } from "./sampling_stride.ts";
import { eigen } from "./symmetric_eigen.ts";

export interface PrincipalColours {
  /** Unit vectors in red, green and blue, by falling deviation. */
  readonly directions: readonly PerChannel[];
  /** Standard deviation along each direction, for pixels in [0, 1]. */
  readonly deviations: readonly number[];
}

/** Number of sampled pixels, about; more do not change an augmented image visibly. */
const SAMPLE = 1 << 20;

/**
 * @param images uint8 [count, height, width, 3]
 * @param pixelsPerImage height x width
 */
export function principalColours(images: Uint8Array, pixelsPerImage: number): PrincipalColours {
  const pixels = images.length / 3, stride = samplingStride(pixels, SAMPLE, pixelsPerImage);
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
