/**
 * Classifies splits with a network on an engine.
 *
 * @module
 */
import { type Batch, batchesInOrder } from "../data/batches.ts";
import type { Dataset, Split } from "../data/dataset.ts";
import { type DeviceTensors, disposeAll, type Engine, type Program } from "../engine/engine.ts";
import { inference } from "../model/inference.ts";
import type { Network } from "../model/network.ts";

export interface Classification {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** The class with the largest logit, for every image. */
  readonly predicted: Uint8Array;
}

export interface ClassifyOptions {
  readonly batch?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
}

/** A network compiled for inference. */
export class Classifier {
  private constructor(
    readonly engine: Engine,
    readonly program: Program,
    readonly classes: number,
    readonly imageShape: Dataset["imageShape"],
  ) {}

  static async create(
    engine: Engine,
    net: Network,
    imageShape: Dataset["imageShape"],
  ): Promise<Classifier> {
    const state = net.variables.map((
      { name, kind, shape },
    ) => [kind === "weight" ? `weights/${name}` : `statistics/${name}`, { shape }]);
    const inputs = { ...Object.fromEntries(state), images: { shape: [null, ...imageShape] } };
    return new Classifier(engine, await engine.compile(inference(net), inputs), net.classes, imageShape);
  }

  /**
   * Classifies a split in its order.
   *
   * @throws the signal's reason, if it is aborted
   */
  async classify(
    state: DeviceTensors,
    dataset: Dataset,
    split: Split,
    { batch = 256, signal, onProgress }: ClassifyOptions = {},
  ): Promise<Classification> {
    const predicted = new Uint8Array(split.count);
    let loss = 0, correct = 0, done = 0;
    for (const images of batchesInOrder(dataset, split, batch)) {
      signal?.throwIfAborted();
      const { count, labels } = images;
      const logits = await this.logits(state, images);
      for (let at = 0; at < count; at++, done++) {
        const row = logits.subarray(at * this.classes, (at + 1) * this.classes);
        const label = labels[at]!;
        predicted[done] = largest(row);
        loss += crossEntropy(row, label);
        if (predicted[done] === label) correct++;
      }
      onProgress?.(done);
    }
    return { loss: loss / split.count, accuracy: correct / split.count, predicted };
  }

  /** The logits of a batch, [count, classes]. */
  async logits(state: DeviceTensors, { count, images }: Batch): Promise<Float32Array> {
    const input = this.engine.upload({ shape: [count, ...this.imageShape], data: images });
    const outputs = await this.program.run({ ...state, images: input });
    const { data } = await outputs["logits"]!.read();
    input.dispose();
    disposeAll(outputs);
    return data as Float32Array;
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
  }
}

/** Index of the largest number. */
export const largest = (row: Float32Array): number =>
  row.reduce((best, value, index) => value > row[best]! ? index : best, 0);

/** -log softmax(logits)[label], in double precision. */
export function crossEntropy(logits: Float32Array, label: number): number {
  const most = logits.reduce((a, b) => Math.max(a, b));
  return most - logits[label]! + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
}
