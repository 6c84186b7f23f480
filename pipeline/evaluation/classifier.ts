/**
 * Classifies splits with a network on an engine.
 *
 * @module
 */
import { type Batch, batchesInOrder } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import { type View, WHOLE } from "../../data/view.ts";
import { type DeviceTensors, disposeAll, type Engine, type InputSpec, type Program } from "../../engine/engine.ts";
import { inference } from "../../model/inference.ts";
import { likeliestClass } from "../../model/likeliest_class.ts";
import type { Network } from "../../model/network.ts";

export interface Classification {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** The likeliest class of every image. */
  readonly predicted: Uint8Array;
  /** [images, classes] */
  readonly probabilities: Float32Array;
}

export interface ClassifyOptions {
  readonly batch?: number;
  /** Views of an image whose probabilities are averaged; default: the image as it is. */
  readonly views?: readonly View[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
}

/** A network compiled for inference. */
export class Classifier implements AsyncDisposable {
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
    return new Classifier(
      engine,
      await engine.compile(inference(net), inferenceInputs(net, imageShape)),
      net.classes,
      imageShape,
    );
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
    { batch = 256, views = [WHOLE], signal, onProgress }: ClassifyOptions = {},
  ): Promise<Classification> {
    const { classes } = this;
    const predicted = new Uint8Array(split.count);
    const probabilities = new Float32Array(split.count * classes);
    let loss = 0, correct = 0, done = 0;
    const batches = views.map((view) => batchesInOrder(dataset, split, batch, view));
    for (const first of batches[0]!) {
      signal?.throwIfAborted();
      const others = batches.slice(1).map((more) => more.next().value as Batch);
      const logits: Float32Array[] = [];
      for (const images of [first, ...others]) logits.push(await this.logits(state, images));
      for (let at = 0; at < first.count; at++, done++) {
        const row = logits.map((of) => logSoftmax(of.subarray(at * classes, (at + 1) * classes)));
        const label = first.labels[at]!;
        loss -= logMeanExp(row.map((view) => view[label]!));
        const target = probabilities.subarray(done * classes, (done + 1) * classes);
        for (let index = 0; index < classes; index++) {
          target[index] = Math.exp(logMeanExp(row.map((view) => view[index]!)));
        }
        predicted[done] = likeliestClass(target);
        if (predicted[done] === label) correct++;
      }
      onProgress?.(done);
    }
    return { loss: loss / split.count, accuracy: correct / split.count, predicted, probabilities };
  }

  /** The logits of a batch, [count, classes]. */
  async logits(state: DeviceTensors, { count, images }: Batch): Promise<Float32Array> {
    using input = this.engine.upload({ shape: [count, ...this.imageShape], data: images });
    const outputs = await this.program.run({ ...state, images: input });
    const { data } = await outputs["logits"]!.read();
    disposeAll(outputs);
    return data as Float32Array;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.program[Symbol.asyncDispose]();
  }
}

/** The inputs of {@linkcode inference}, with any number of images. */
export function inferenceInputs({ variables }: Network, imageShape: Dataset["imageShape"]): Record<string, InputSpec> {
  const state = variables.map((
    { name, kind, shape },
  ) => [`${kind === "weight" ? "weights" : "statistics"}/${name}`, { shape }]);
  return { ...Object.fromEntries(state), images: { shape: [null, ...imageShape] } };
}

/** Logarithms of the soft-max, in double precision. */
export function logSoftmax(logits: Float32Array): number[] {
  const most = logits.reduce((a, b) => Math.max(a, b));
  const log = most + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0));
  return Array.from(logits, (logit) => logit - log);
}

/** The logarithm of the mean of the numbers whose logarithms are given. */
function logMeanExp(logs: readonly number[]): number {
  if (logs.length === 1) return logs[0]!;
  const most = logs.reduce((a, b) => Math.max(a, b));
  return most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0) / logs.length);
}
