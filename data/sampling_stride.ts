/**
 * Strides that sample every place of an image.
 *
 * @module
 */

const commonDivisor = (a: number, b: number): number => b === 0 ? a : commonDivisor(b, a % b);

/**
 * Returns the least stride that takes at most about `sample` of `total` places and shares no factor with `period`. Over
 * images of `period` places each, such a stride visits every place of an image equally often; a stride that shares a
 * factor with the width would see a few columns only.
 *
 * @param total places in all images
 * @param sample places to take, about
 * @param period places of one image
 */
export function samplingStride(total: number, sample: number, period: number): number {
  let stride = Math.max(1, Math.floor(total / sample));
  while (commonDivisor(stride, period) !== 1) stride++;
  return stride;
}
