/**
 * Compares an exported model with its network: the logits of the file in onnxruntime against those of TensorFlow.js on the
 * trained network, branch by branch, on the same images. Compares lower precisions with the float32 model.
 *
 * @module
 */
import { likeliestClass } from "../model/likeliest_class.ts";

export interface Parity {
  readonly images: number;
  /** The largest difference of a logit. */
  readonly maxAbsoluteDifference: number;
  /** The greatest allowed difference. */
  readonly tolerance: number;
  /** Share of the images with the same largest logit; it must be 1. */
  readonly top1Agreement: number;
  /** Accuracy on these images. */
  readonly accuracy: { readonly reference: number; readonly exported: number };
  readonly passed: boolean;
}

/** The loss of a model of lower precision against the float32 model, on the whole test split. */
export interface Loss {
  readonly images: number;
  /** The largest difference of a logit. */
  readonly maxAbsoluteDifference: number;
  /** Share of the images with the same largest logit. */
  readonly top1Agreement: number;
  readonly accuracy: number;
  /** Points, 0 to 100; negative if the model is more accurate. */
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
 * Measures the loss of logits of lower precision, [count, classes] each.
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
  // Counting whole images keeps the rounding of shares out of the decision.
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
  const classOf = (logits: Float32Array, image: number) =>
    likeliestClass(logits.subarray(image * classes, (image + 1) * classes));
  const share = (holds: (image: number) => boolean) =>
    Array.from({ length: images }, (_, image) => holds(image)).filter(Boolean).length / images;
  const maxAbsoluteDifference = reference.reduce((most, x, at) => {
    const difference = Math.abs(x - exported[at]!);
    // One NaN makes the result NaN.
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
