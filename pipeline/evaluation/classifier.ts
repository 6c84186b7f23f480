/**
 * Classifies splits with a network on an engine.
 *
 * @module
 */
import { type Batch, batchesInOrder } from "../../data/batches.ts";
import type { Dataset, Split } from "../../data/dataset.ts";
import { type WeightedView, weightedViews } from "../../data/weighted_views.ts";
import { type DeviceTensors, disposeAll, type Engine, type InputSpec, type Program } from "../../engine/engine.ts";
import { inference } from "../../model/inference.ts";
import { likeliestClass } from "../../model/likeliest_class.ts";
import { type Network, subjectOf } from "../../model/network.ts";

export interface Classification {
  /** Mean cross-entropy. */
  readonly loss: number;
  readonly accuracy: number;
  /** The likeliest class of every image. */
  readonly predicted: Uint8Array;
  /** [images, classes] */
  readonly probabilities: Float32Array;
  /** [images, classes]; finite where a probability is too small for a number */
  readonly logProbabilities: Float32Array;
}

/** The classification of images as they are, and beside it that by the mean of several views. */
export interface ViewedClassification extends Classification {
  readonly averaged?: Classification;
}

export interface ClassifyOptions {
  readonly batch?: number;
  /** Views of an image whose probabilities are averaged; the first is the image as it is. Default: that alone. */
  readonly views?: readonly WeightedView[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (images: number) => void;
}

/** A network that is compiled for inference when it classifies the first images. */
export class Classifier implements AsyncDisposable {
  #program: Promise<Program> | undefined;

  constructor(readonly engine: Engine, readonly net: Network, readonly imageShape: Dataset["imageShape"]) {}

  /**
   * Classifies a split in its order.
   *
   * @throws the signal's reason, if it is aborted
   */
  async classify(
    state: DeviceTensors,
    dataset: Pick<Dataset, "imageShape" | "mean" | "std">,
    split: Split,
    { batch = 256, views = weightedViews("none", dataset.imageShape), signal, onProgress }: ClassifyOptions = {},
  ): Promise<ViewedClassification> {
    const { classes } = this.net;
    const plain = new Scores(split.count, classes), averaged = new Scores(split.count, classes);
    const batches = views.map(({ view }) => batchesInOrder(dataset, split, batch, view));
    let done = 0;
    for (const first of batches[0]!) {
      signal?.throwIfAborted();
      const others = batches.slice(1).map((more) => more.next().value as Batch);
      const logits: Float32Array[] = [];
      for (const images of [first, ...others]) logits.push(await this.logits(state, images));
      for (let at = 0; at < first.count; at++) {
        const ofViews = logits.map((of) => logSoftmax(of.subarray(at * classes, (at + 1) * classes)));
        const label = first.labels[at]!;
        plain.add(ofViews[0]!, label);
        if (views.length > 1) averaged.add(weightedMean(ofViews, views), label);
      }
      onProgress?.(done += first.count);
    }
    return { ...plain.result(), ...(views.length > 1 && { averaged: averaged.result() }) };
  }

  /** The logits of a batch, [count, classes]. */
  async logits(state: DeviceTensors, { count, images }: Batch): Promise<Float32Array> {
    const program = await this.#compiled();
    using input = this.engine.upload({ shape: [count, ...this.imageShape], data: images });
    const outputs = await program.run({ ...state, images: input });
    const { data } = await outputs["logits"]!.read();
    disposeAll(outputs);
    return data as Float32Array;
  }

  #compiled(): Promise<Program> {
    const { engine, net, imageShape } = this;
    return this.#program ??= engine.compile(
      inference(net),
      inferenceInputs(net, imageShape),
      subjectOf("inference", net),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const program = await this.#program?.catch(() => undefined);
    await program?.[Symbol.asyncDispose]();
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

/** The logarithms of the weighted mean of the probabilities whose logarithms are given, by view. */
const weightedMean = (ofViews: readonly (readonly number[])[], views: readonly WeightedView[]): number[] =>
  ofViews[0]!.map((_, index) => {
    const logs = ofViews.map((logs) => logs[index]!);
    const most = logs.reduce((a, b) => Math.max(a, b));
    return most + Math.log(logs.reduce((sum, log, view) => sum + views[view]!.share * Math.exp(log - most), 0));
  });

/** Collects the classification of a split, image by image. */
class Scores {
  readonly #predicted: Uint8Array;
  readonly #probabilities: Float32Array;
  readonly #logProbabilities: Float32Array;
  #loss = 0;
  #correct = 0;
  #done = 0;

  constructor(readonly count: number, readonly classes: number) {
    this.#predicted = new Uint8Array(count);
    this.#probabilities = new Float32Array(count * classes);
    this.#logProbabilities = new Float32Array(count * classes);
  }

  /** @param logs the logarithms of the next image's probabilities */
  add(logs: readonly number[], label: number): void {
    const row = this.#probabilities.subarray(this.#done * this.classes, (this.#done + 1) * this.classes);
    row.set(logs.map(Math.exp));
    this.#logProbabilities.set(logs, this.#done * this.classes);
    this.#loss -= logs[label]!;
    const predicted = this.#predicted[this.#done++] = likeliestClass(row);
    if (predicted === label) this.#correct++;
  }

  result(): Classification {
    const { count } = this;
    const measures = { loss: this.#loss / count, accuracy: this.#correct / count };
    const [predicted, probabilities, logProbabilities] = [
      this.#predicted,
      this.#probabilities,
      this.#logProbabilities,
    ];
    return { ...measures, predicted, probabilities, logProbabilities };
  }
}
