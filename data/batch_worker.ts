/**
 * The thread of a {@linkcode BatchFeed}: makes the batches it is asked for.
 *
 * @module
 */
/// <reference lib="deno.worker" />
import { type Batch, type BatchOptions, trainingBatches, type TrainingData } from "./batches.ts";

/** The first message says what batches are of, every later one is a step. */
export type Request = { readonly dataset: TrainingData; readonly options: BatchOptions } | number;
/** The answer to a step: its batch, or why there is none. */
export type Answer = { readonly step: number; readonly batch: Batch } | {
  readonly step: number;
  readonly error: string;
};

let of: Exclude<Request, number> | undefined;
let batchAt: ((step: number) => Batch) | undefined;

self.addEventListener("message", ({ data: request }: MessageEvent<Request>) => {
  if (typeof request !== "number") {
    of = request;
    return;
  }
  try {
    batchAt ??= trainingBatches(of!.dataset, of!.options);
    const batch = batchAt(request);
    const { images, labels, targets } = batch;
    const buffers = [images, labels, ...(targets ? [targets] : [])].map(({ buffer }) => buffer);
    self.postMessage({ step: request, batch } satisfies Answer, buffers);
  } catch (error) {
    self.postMessage({ step: request, error: String(error) } satisfies Answer);
  }
});
