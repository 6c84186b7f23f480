/**
 * An exported model, ready to run: onnxruntime on the file's bytes.
 *
 * @module
 */
import * as ort from "onnxruntime-node";
import { type ImageShape, type InputForm, inputShape } from "./variants.ts";

/** Images to classify, in both of the ways that models take them. */
export interface Images {
  readonly count: number;
  /** [count, height, width, channels], normalised */
  readonly images: Float32Array;
  /** [count, height, width, channels], as they are */
  readonly pixels: Uint8Array;
}

/** How fast a model is. */
export interface Speed {
  readonly threads: number;
  /** Images of a run, and the images a second of the median run. */
  readonly batch: number;
  readonly imagesPerSecond: number;
  /** Of the median run on one image. */
  readonly millisecondsForOne: number;
}

/** Runs that are timed, after one that is not. */
const TIMED_RUNS = 5;
const SPEED_BATCH = 128;

export interface LoadOptions {
  /** What the model takes. */
  readonly input: InputForm;
  readonly imageShape: ImageShape;
  /** Default: all cores. */
  readonly threads?: number | undefined;
}

export class ExportedModel {
  private constructor(
    readonly session: ort.InferenceSession,
    readonly input: InputForm,
    readonly imageShape: ImageShape,
    readonly threads: number,
  ) {}

  static async load(
    model: Uint8Array,
    { input, imageShape, threads = navigator.hardwareConcurrency }: LoadOptions,
  ): Promise<ExportedModel> {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, logSeverityLevel: 3 });
    return new ExportedModel(session, input, imageShape, threads);
  }

  /** The logits of images, [count, classes]. */
  async logits(images: Images): Promise<Float32Array> {
    const { logits } = await this.session.run({ image: this.tensorOf(images) }, ["logits"]);
    return logits!.data as Float32Array;
  }

  /** The probabilities of the classes of images, [count, classes]. */
  async probabilities(images: Images): Promise<Float32Array> {
    const { probabilities } = await this.session.run({ image: this.tensorOf(images) }, ["probabilities"]);
    return probabilities!.data as Float32Array;
  }

  /** Images as the model takes them. */
  tensorOf({ images, pixels, count }: Images): ort.Tensor {
    const { input, imageShape } = this;
    const shape = [count, ...inputShape(input, imageShape)];
    if (input === "uint8-nhwc") return new ort.Tensor("uint8", pixels, shape);
    const [height, width, channels] = imageShape;
    const data = input === "float32-nhwc" ? images : channelsFirst(images, channels, height * width);
    return new ort.Tensor("float32", data, shape);
  }

  /** Times the model on images that are all the same: its speed does not depend on what they show. */
  async measureSpeed(batch = SPEED_BATCH): Promise<Speed> {
    const size = this.imageShape.reduce((a, b) => a * b, 1);
    const seconds = async (count: number) => {
      const pixels = new Uint8Array(count * size).fill(128);
      const image = this.tensorOf({ count, pixels, images: new Float32Array(pixels.length) });
      const runs: number[] = [];
      for (let run = 0; run <= TIMED_RUNS; run++) {
        const start = performance.now();
        await this.session.run({ image }, ["probabilities"]);
        if (run > 0) runs.push((performance.now() - start) / 1000);
      }
      return runs.toSorted((a, b) => a - b)[Math.floor(TIMED_RUNS / 2)]!;
    };
    const { threads } = this;
    return {
      threads,
      batch,
      imagesPerSecond: Number((batch / await seconds(batch)).toPrecision(4)),
      millisecondsForOne: Number((1000 * await seconds(1)).toPrecision(4)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/** [count, height, width, channels] as [count, channels, height, width]. */
export function channelsFirst(images: Float32Array, channels: number, pixels: number): Float32Array {
  const result = new Float32Array(images.length);
  for (let image = 0; image < images.length; image += pixels * channels) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        result[image + channel * pixels + pixel] = images[image + pixel * channels + channel]!;
      }
    }
  }
  return result;
}
