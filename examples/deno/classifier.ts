/** An export's model, labels and preprocessing: classifies pictures and tensors, in batches. */
import { Batches, type Images } from "./batches.ts";
import { Model, type Outputs } from "./model.ts";
import { decodePicture, type Fit } from "./picture.ts";
import { decodeSmallPng } from "./small_png.ts";

/** Images in a batch. */
const BATCH = 32;
/** Pictures that are decoded at once: each may take the memory of its pixels. */
const DECODERS = Math.min(4, navigator.hardwareConcurrency);

interface Preprocessing {
  readonly fit: Fit;
  readonly image_mean: readonly number[];
  readonly image_std: readonly number[];
}

export interface Class {
  readonly label: string;
  readonly probability: number;
}

export class Classifier {
  readonly #batches: Batches;
  readonly #decoders = new Turns(DECODERS);

  private constructor(
    readonly model: Model,
    readonly labels: readonly string[],
    readonly size: number,
    readonly preprocessing: Preprocessing,
    onBatch: (images: number) => void,
  ) {
    this.#batches = new Batches(model, BATCH, onBatch);
  }

  /** @param folder config.json, preprocessor_config.json and onnx/model.onnx */
  static async load(folder: string, onBatch: (images: number) => void): Promise<Classifier> {
    const read = async (name: string) => JSON.parse(await Deno.readTextFile(`${folder}/${name}`));
    const { id2label, image_size } = await read("config.json"), preprocessing = await read("preprocessor_config.json");
    const labels = Object.values<string>(id2label);
    // The last that may fail: a loaded model has a thread.
    const model = await Model.load(`${folder}/onnx/model.onnx`);
    return new Classifier(model, labels, image_size, preprocessing, onBatch);
  }

  /**
   * Returns the classes of a picture, the likeliest first.
   *
   * @throws {HttpError} if the bytes are no picture
   */
  async classify(picture: Uint8Array, signal: AbortSignal): Promise<Class[]> {
    const { size, preprocessing: { fit, image_mean, image_std } } = this;
    const pixels = decodeSmallPng(picture, size) ?? await this.#decoders.take(() => {
      signal.throwIfAborted();
      return decodePicture(picture, size, fit);
    });
    const data = normalised(pixels, image_mean, image_std);
    const { probabilities } = await this.infer({ count: 1, shape: [3, size, size], data }, signal);
    return this.labels.map((label, at) => ({ label, probability: probabilities![at]! }))
      .toSorted((a, b) => b.probability - a.probability);
  }

  /** Returns every output of the model. */
  async infer(images: Images, signal: AbortSignal): Promise<Outputs> {
    return await this.#batches.run(images, signal);
  }

  close(): void {
    this.model.close();
  }
}

/** Normalises pixels, [height, width, 3], to an image of the model, [3, height, width]. */
function normalised(pixels: Uint8Array, mean: readonly number[], std: readonly number[]): Float32Array<ArrayBuffer> {
  const image = new Float32Array(pixels.length);
  for (let channel = 0, at = 0; channel < 3; channel++) {
    for (let pixel = channel; pixel < pixels.length; pixel += 3, at++) {
      image[at] = (pixels[pixel]! / 255 - mean[channel]!) / std[channel]!;
    }
  }
  return image;
}

/** Lets some tasks run at once; the others wait for their turn. */
class Turns {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async take<T>(task: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.free++;
    }
  }
}
