/**
 * Whether an exported model computes what the network computes: the logits of the file in onnxruntime against those of
 * TensorFlow.js on the network as it was trained, branch by branch, on the same images; and what a lower precision costs.
 *
 * @module
 */

export interface Parity {
  readonly images: number;
  /** The largest difference of a logit. */
  readonly maxAbsoluteDifference: number;
  /** The difference that is allowed. */
  readonly tolerance: number;
  /** The share of images with the same largest logit; it must be 1. */
  readonly top1Agreement: number;
  /** On these images. */
  readonly accuracy: { readonly reference: number; readonly exported: number };
  readonly passed: boolean;
}

/** What a model of lower precision loses against the float32 one, on the whole test split. */
export interface Loss {
  readonly images: number;
  /** The largest difference of a logit. */
  readonly maxAbsoluteDifference: number;
  /** The share of images with the same largest logit. */
  readonly top1Agreement: number;
  readonly accuracy: number;
  /** Points, 0 to 100; below 0 if it is more accurate. */
  readonly accuracyLoss: number;
  readonly allowedAccuracyLoss: number;
  readonly passed: boolean;
}

/** Compares logits, [count, classes] each. */
export function compareLogits(
  reference: Float32Array,
  exported: Float32Array,
  labels: ArrayLike<number>,
  tolerance: number,
): Parity {
  const { images, maxAbsoluteDifference, top1Agreement, accuracy } = compare(reference, exported, labels);
  return {
    images,
    maxAbsoluteDifference,
    tolerance,
    top1Agreement,
    accuracy,
    passed: maxAbsoluteDifference <= tolerance && top1Agreement === 1,
  };
}

/**
 * What logits of lower precision lose, [count, classes] each.
 *
 * @param allowedAccuracyLoss points, 0 to 100
 */
export function lossOf(
  float32: Float32Array,
  reduced: Float32Array,
  labels: ArrayLike<number>,
  allowedAccuracyLoss: number,
): Loss {
  const { images, maxAbsoluteDifference, top1Agreement, accuracy } = compare(float32, reduced, labels);
  const correct = (share: number) => Math.round(share * images);
  // Of whole images, so that no rounding of shares decides.
  const accuracyLoss = 100 * (correct(accuracy.reference) - correct(accuracy.exported)) / images;
  return {
    images,
    maxAbsoluteDifference,
    top1Agreement,
    accuracy: accuracy.exported,
    accuracyLoss,
    allowedAccuracyLoss,
    passed: accuracyLoss <= allowedAccuracyLoss && Number.isFinite(maxAbsoluteDifference),
  };
}

function compare(reference: Float32Array, exported: Float32Array, labels: ArrayLike<number>) {
  const images = labels.length, classes = reference.length / images;
  const classOf = (logits: Float32Array, image: number) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    return row.reduce((best, value, index) => value > row[best]! ? index : best, 0);
  };
  const share = (holds: (image: number) => boolean) =>
    Array.from({ length: images }, (_, image) => holds(image)).filter(Boolean).length / images;
  const maxAbsoluteDifference = reference.reduce((most, x, at) => {
    const difference = Math.abs(x - exported[at]!);
    // Once something is no number, so is the result.
    return difference <= most || Number.isNaN(most) ? most : difference;
  }, 0);
  return {
    images,
    maxAbsoluteDifference,
    top1Agreement: share((image) => classOf(reference, image) === classOf(exported, image)),
    accuracy: {
      reference: share((image) => classOf(reference, image) === labels[image]),
      exported: share((image) => classOf(exported, image) === labels[image]),
    },
  };
}
