/**
 * The thread of a {@linkcode BatchFeed}: makes the requested batches.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { type Batch, type BatchOptions, trainingBatches, type TrainingData } from "./batches.ts";

/** A message to the thread: the first one brings the data and options, every later one a step. */
export type Request = Source | number;

interface Source {
  readonly dataset: TrainingData;
  readonly options: BatchOptions;
}

/** The answer to a step: its batch, or the error. */
export type Answer = { readonly step: number; readonly batch: Batch } | {
  readonly step: number;
  readonly error: string;
};

let source: Source | undefined;
let batchAt: ((step: number) => Batch) | undefined;

self.addEventListener("message", ({ data: request }: MessageEvent<Request>) => {
  if (typeof request !== "number") {
    source = request;
    return;
  }
  try {
    batchAt ??= trainingBatches(source!.dataset, source!.options);
    const batch = batchAt(request);
    const { images, labels, targets } = batch;
    const buffers = [images, labels, ...(targets ? [targets] : [])].map(({ buffer }) => buffer);
    self.postMessage({ step: request, batch } satisfies Answer, buffers);
  } catch (error) {
    self.postMessage({ step: request, error: String(error) } satisfies Answer);
  }
});
