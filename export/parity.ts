/**
 * Whether an exported model computes what the network computes: onnxruntime on the file's bytes against TensorFlow.js
 * on the network as it was trained, branch by branch, on the same images.
 *
 * @module
 */
import * as ort from "onnxruntime-node";

/** Images to classify. */
export interface Images {
  readonly count: number;
  /** [count, height, width, channels], normalised */
  readonly images: Float32Array;
}

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

/** An exported model, ready to run. */
export class ExportedModel {
  private constructor(readonly session: ort.InferenceSession) {}

  static async load(model: Uint8Array, threads = navigator.hardwareConcurrency): Promise<ExportedModel> {
    return new ExportedModel(
      await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 }),
    );
  }

  /** The logits of images, [count, classes]. */
  async logits(
    { images, count }: Images,
    [height, width, channels]: readonly [number, number, number],
  ): Promise<Float32Array> {
    const image = new ort.Tensor(channelsFirst(images, channels, height * width), [count, channels, height, width]);
    const { logits } = await this.session.run({ image }, ["logits"]);
    return logits!.data as Float32Array;
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/** Compares logits, [count, classes] each. */
export function compareLogits(
  reference: Float32Array,
  exported: Float32Array,
  labels: ArrayLike<number>,
  tolerance: number,
): Parity {
  const images = labels.length, classes = reference.length / images;
  const classOf = (logits: Float32Array, image: number) => {
    const row = logits.subarray(image * classes, (image + 1) * classes);
    return row.reduce((best, value, index) => value > row[best]! ? index : best, 0);
  };
  const share = (holds: (image: number) => boolean) =>
    Array.from({ length: images }, (_, image) => holds(image)).filter(Boolean).length / images;
  const maxAbsoluteDifference = reference.reduce((most, x, at) => {
    const difference = Math.abs(x - exported[at]!);
    return difference <= most ? most : difference;
  }, 0);
  const top1Agreement = share((image) => classOf(reference, image) === classOf(exported, image));
  return {
    images,
    maxAbsoluteDifference,
    tolerance,
    top1Agreement,
    accuracy: {
      reference: share((image) => classOf(reference, image) === labels[image]),
      exported: share((image) => classOf(exported, image) === labels[image]),
    },
    passed: maxAbsoluteDifference <= tolerance && top1Agreement === 1,
  };
}

/** [count, height, width, channels] as [count, channels, height, width]. */
export function channelsFirst(images: Float32Array, channels: number, pixels: number): Float32Array {
  const result = new Float32Array(images.length);
  for (let at = 0; at < images.length; at++) {
    const image = Math.floor(at / (pixels * channels)),
      pixel = Math.floor(at / channels) % pixels,
      channel = at % channels;
    result[(image * channels + channel) * pixels + pixel] = images[at]!;
  }
  return result;
}
