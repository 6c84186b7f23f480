/**
 * Training batches made by a thread of their own before the step that takes them, so that no step waits for augmentation.
 *
 * @module
 */
import type { Answer, Request } from "./batch_worker.ts";
import type { Batch, BatchOptions, TrainingData } from "./batches.ts";
import type { Split } from "./dataset.ts";

/** Batches that are made before they are asked for. */
const AHEAD = 2;

/** A feed of batches; `using` ends its thread. */
export class BatchFeed implements Disposable {
  readonly #worker = new Worker(new URL("./batch_worker.ts", import.meta.url), { type: "module" });
  readonly #asked = new Map<number, PromiseWithResolvers<Batch>>();

  /** @param steps number of steps; no batch is made for this step or a later one */
  constructor(dataset: TrainingData, options: BatchOptions, readonly steps = Infinity) {
    this.#worker.addEventListener("message", ({ data: answer }: MessageEvent<Answer>) => {
      const asked = this.#asked.get(answer.step);
      if ("batch" in answer) asked?.resolve(answer.batch);
      else asked?.reject(new Error(answer.error));
    });
    this.#worker.addEventListener("error", (event) => {
      event.preventDefault();
      for (const { reject } of this.#asked.values()) reject(new Error(event.message));
    });
    try {
      const { name, labels, imageShape, mean, std, train } = dataset;
      this.#send({ dataset: { name, labels, imageShape, mean, std, train: shared(train) }, options });
    } catch (error) {
      // The data is copied, which takes memory.
      this[Symbol.dispose]();
      throw error;
    }
  }

  /** Returns the batch of a step, and begins those of the next steps. */
  at(step: number): Promise<Batch> {
    for (const earlier of this.#asked.keys()) if (earlier < step) this.#asked.delete(earlier);
    for (let next = step; next <= Math.min(step + AHEAD, this.steps - 1); next++) {
      if (this.#asked.has(next)) continue;
      const answer = Promise.withResolvers<Batch>();
      // A batch that no step takes may fail without anyone waiting for it.
      answer.promise.catch(() => {});
      this.#asked.set(next, answer);
      this.#send(next);
    }
    return this.#asked.get(step)!.promise;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
  }

  #send(request: Request): void {
    this.#worker.postMessage(request);
  }
}

/** Copies a split to memory that both threads see. */
function shared({ count, images, labels }: Split): Split {
  const copy = (bytes: Uint8Array) => {
    const memory = new Uint8Array(new SharedArrayBuffer(bytes.length));
    memory.set(bytes);
    return memory;
  };
  return { count, images: copy(images), labels: copy(labels) };
}
