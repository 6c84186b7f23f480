/**
 * Whitening filters for a first convolution (Page 2019, "How to train your ResNet 8: bag of tricks", as airbench has it: Jordan
 * 2024, section 3.2): the principal components of patches of training pictures, each divided by its deviation and followed by
 * its negative.
 *
 * With C = patches^T patches / count = V diag(l) V^T the filters are v_i / sqrt(l_i + epsilon): what they give has variance 1
 * and is uncorrelated.
 *
 * @module
 */
import type { Dataset } from "./dataset.ts";
import { samplingStride } from "./sampling_stride.ts";
import { eigen } from "./symmetric_eigen.ts";
import { normalisationTable } from "./view.ts";

export interface WhiteningOptions {
  /** Height and width of a filter in pixels. */
  readonly size: number;
  /** How many, even and at most 2 size size 3; the components of the greatest deviation come first. */
  readonly filters: number;
  /** Added to the variances; default: airbench's. */
  readonly epsilon?: number;
}

const EPSILON = 5e-4;
/** Patches that are looked at, about; more change nothing that matters. */
const SAMPLE = 1 << 18;

/**
 * @returns a kernel for normalised pictures, [size, size, 3, filters]: the components first, then their negatives
 * @throws {RangeError} if there are not so many components
 */
export function whiteningFilters(
  dataset: Pick<Dataset, "imageShape" | "mean" | "std" | "train">,
  { size, filters, epsilon = EPSILON }: WhiteningOptions,
): Float32Array<ArrayBuffer> {
  const length = size * size * 3, components = filters / 2;
  if (!Number.isInteger(components) || components < 1 || components > length) {
    throw new RangeError(
      `${filters} whitening filters of ${size} x ${size} pixels: need an even number up to ${2 * length}`,
    );
  }
  const { values, vectors } = eigen(patchCovariance(dataset, size));
  const order = values.map((_, at) => at).sort((a, b) => values[b]! - values[a]!).slice(0, components);
  const kernel = new Float32Array(length * filters);
  order.forEach((component, at) => {
    const scale = 1 / Math.sqrt(Math.max(0, values[component]!) + epsilon);
    for (let place = 0; place < length; place++) {
      const value = scale * vectors[place]![component]!;
      kernel[place * filters + at] = value;
      kernel[place * filters + components + at] = -value;
    }
  });
  return kernel;
}

/** Mean of the products of any two numbers of a normalised patch, [size size 3, size size 3]. */
export function patchCovariance(
  { imageShape: [height, width], mean, std, train }: Pick<Dataset, "imageShape" | "mean" | "std" | "train">,
  size: number,
): number[][] {
  const table = normalisationTable(mean, std), length = size * size * 3;
  const [rows, columns] = [height - size + 1, width - size + 1];
  const total = train.count * rows * columns, stride = samplingStride(total, SAMPLE, rows * columns);
  const sums = Array.from({ length }, () => new Float64Array(length)), patch = new Float64Array(length);
  let count = 0;
  for (let at = 0; at < total; at += stride, count++) {
    const image = Math.floor(at / (rows * columns)), place = at % (rows * columns);
    const [top, left] = [Math.floor(place / columns), place % columns];
    for (let row = 0, to = 0; row < size; row++) {
      const begin = ((image * height + top + row) * width + left) * 3;
      for (let offset = 0; offset < size * 3; offset++, to++) {
        patch[to] = table[train.images[begin + offset]! * 3 + offset % 3]!;
      }
    }
    for (let i = 0; i < length; i++) {
      const sum = sums[i]!, value = patch[i]!;
      for (let j = 0; j <= i; j++) sum[j]! += value * patch[j]!;
    }
  }
  return sums.map((_, i) => Array.from({ length }, (_, j) => sums[Math.max(i, j)]![Math.min(i, j)]! / count));
}
