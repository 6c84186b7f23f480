/**
 * An exported model in a session of onnxruntime.
 *
 * @module
 */
import { SESSION_LOG } from "../engine/library_settings.ts";
import { median } from "../engine/median.ts";
import { onnxruntime, openSession, type Session, type Tensor } from "../engine/onnxruntime.ts";
import { type ImageShape, type InputForm, inputShape } from "./variants.ts";

/** A map of an image, [height, width], 0 or more. */
export interface HeatMap {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Images to classify, in both forms that models take. */
export interface Images {
  readonly count: number;
  /** [count, height, width, channels], normalised */
  readonly images: Float32Array;
  /** [count, height, width, channels], bytes of 0 to 255 */
  readonly pixels: Uint8Array;
}

/** A picture of any size. */
export interface AnyPicture {
  /** [height, width, 3], bytes of 0 to 255 */
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The speed of a model. */
export interface Speed {
  readonly threads: number;
  /** Images of a run. */
  readonly batch: number;
  /** Speed of the median run of a batch. */
  readonly imagesPerSecond: number;
  /** Time of the median run of one image. */
  readonly millisecondsForOne: number;
}

/** Timed runs, after one that warms up. */
const TIMED_RUNS = 5;
const SPEED_BATCH = 128;

export interface LoadOptions {
  /** The form of the model's input. */
  readonly input: InputForm;
  readonly imageShape: ImageShape;
  /** Default: all cores. */
  readonly threads?: number | undefined;
}

/** A loaded model; `await using` releases its session. */
export class ExportedModel implements AsyncDisposable {
  private constructor(
    readonly session: Session,
    readonly input: InputForm,
    readonly imageShape: ImageShape,
    readonly threads: number,
  ) {}

  /** @throws {EngineUnavailableError} if onnxruntime does not load on this machine */
  static async load(
    model: Uint8Array,
    { input, imageShape, threads = navigator.hardwareConcurrency }: LoadOptions,
  ): Promise<ExportedModel> {
    // Errors arrive as exceptions. onnxruntime's log would print names from the file unescaped.
    const session = await openSession(model, { intraOpNumThreads: threads, logSeverityLevel: SESSION_LOG.fatal });
    return new ExportedModel(session, input, imageShape, threads);
  }

  /** Computes the logits of images, [count, classes]. */
  async logits(images: Images): Promise<Float32Array> {
    return await this.#run(images, "logits");
  }

  /** Computes the probabilities of the classes of images, [count, classes]. */
  async probabilities(images: Images): Promise<Float32Array> {
    return await this.#run(images, "probabilities");
  }

  /** Computes the features of images, [count, features], of a model that has this output. */
  async features(images: Images): Promise<Float32Array> {
    return await this.#run(images, "features");
  }

  /** Computes the Grad-CAM maps of images, of a model that has the output `explanation`. */
  async explanations(images: Images): Promise<HeatMap[]> {
    const { explanation } = await this.session.run({ [this.#inputName]: this.tensorOf(images) }, ["explanation"]);
    const [count, height, width] = explanation!.dims as [number, number, number], size = height * width;
    const values = explanation!.data as Float32Array;
    return Array.from({ length: count }, (_, at) => ({
      values: values.slice(at * size, (at + 1) * size),
      ...{ height, width },
    }));
  }

  async #run(images: Images, output: "logits" | "probabilities" | "features"): Promise<Float32Array> {
    const { [output]: result } = await this.session.run({ [this.#inputName]: this.tensorOf(images) }, [output]);
    return result!.data as Float32Array;
  }

  /** `image`, or `pixel_values` in a folder of the Hugging Face Hub. */
  get #inputName(): string {
    return this.session.inputNames[0]!;
  }

  /** Computes the probabilities of the classes of one picture; the model takes `uint8-any`. */
  async probabilitiesOf({ pixels, width, height }: AnyPicture): Promise<Float32Array> {
    const image = new (onnxruntime().Tensor)("uint8", pixels, [1, height, width, 3]);
    const { probabilities } = await this.session.run({ [this.#inputName]: image }, ["probabilities"]);
    return probabilities!.data as Float32Array;
  }

  /** Returns images in the form of the model's input. */
  tensorOf({ images, pixels, count }: Images): Tensor {
    const { input, imageShape } = this;
    const { Tensor } = onnxruntime();
    const shape = [count, ...inputShape(input, imageShape)];
    if (input === "uint8-nhwc" || input === "uint8-any") return new Tensor("uint8", pixels, shape);
    const [height, width, channels] = imageShape;
    const data = input === "float32-nhwc" ? images : channelsFirst(images, channels, height * width);
    return new Tensor("float32", data, shape);
  }

  /** Times the model on grey images; its speed does not depend on the images. */
  async measureSpeed(batch = SPEED_BATCH): Promise<Speed> {
    const size = this.imageShape.reduce((a, b) => a * b, 1);
    const seconds = async (count: number) => {
      const pixels = new Uint8Array(count * size).fill(128);
      const image = this.tensorOf({ count, pixels, images: new Float32Array(pixels.length) });
      const runs: number[] = [];
      for (let run = 0; run <= TIMED_RUNS; run++) {
        const start = performance.now();
        await this.session.run({ [this.#inputName]: image }, ["probabilities"]);
        if (run > 0) runs.push((performance.now() - start) / 1000);
      }
      return median(runs);
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
    await this.session[Symbol.asyncDispose]();
  }
}

/** Reorders [count, height, width, channels] to [count, channels, height, width]. */
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
