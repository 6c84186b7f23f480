/** Dynamic batching: what arrives while the model runs becomes the next batch. An idle model runs at once. */
import type { Model, Outputs } from "./model.ts";

/** Images that a caller wants classified together. */
export interface Images {
  readonly count: number;
  /** The shape of one image. */
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
}

interface Waiting extends Images {
  readonly signal: AbortSignal;
  readonly resolve: (outputs: Outputs) => void;
  readonly reject: (error: unknown) => void;
}

export class Batches {
  #waiting: Waiting[] = [];
  #running = false;

  /**
   * @param most images in a batch. A caller's images stay together, even if they are more
   * @param onBatch receives the number of images of every batch
   */
  constructor(
    readonly model: Pick<Model, "run">,
    readonly most: number,
    readonly onBatch: (images: number) => void = () => {},
  ) {}

  /** @throws the reason of the signal, if it aborts before the images are in a batch */
  run(images: Images, signal: AbortSignal): Promise<Outputs> {
    const { promise, resolve, reject } = Promise.withResolvers<Outputs>();
    this.#waiting.push({ ...images, signal, resolve, reject });
    if (!this.#running) this.#drain();
    return promise;
  }

  async #drain(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      if (batch.length > 0) await this.#compute(batch);
    }
    this.#running = false;
  }

  /** Takes the first images, and the later ones of the same shape that fit into their batch. */
  #take(): Waiting[] {
    const batch: Waiting[] = [], left: Waiting[] = [];
    let count = 0;
    for (const waiting of this.#waiting) {
      const [first] = batch;
      if (waiting.signal.aborted) waiting.reject(waiting.signal.reason);
      else if (!first || alike(first, waiting) && count + waiting.count <= this.most) {
        batch.push(waiting);
        count += waiting.count;
      } else left.push(waiting);
    }
    this.#waiting = left;
    return batch;
  }

  async #compute(batch: readonly Waiting[]): Promise<void> {
    const count = batch.reduce((sum, images) => sum + images.count, 0);
    try {
      this.onBatch(count);
      const outputs = await this.model.run([count, ...batch[0]!.shape], joined(batch));
      let begin = 0;
      for (const waiting of batch) {
        waiting.resolve(rowsOf(outputs, count, begin, begin += waiting.count));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

const alike = (a: Images, b: Images): boolean => a.shape.join() === b.shape.join();

function joined(batch: readonly Images[]): Float32Array<ArrayBuffer> {
  const data = new Float32Array(batch.reduce((length, { data }) => length + data.length, 0));
  let at = 0;
  for (const images of batch) {
    data.set(images.data, at);
    at += images.data.length;
  }
  return data;
}

/** Cuts the rows from `begin` to `end` out of outputs that have `count` rows. */
function rowsOf(outputs: Outputs, count: number, begin: number, end: number): Outputs {
  const cut = ([name, data]: [string, Float32Array<ArrayBuffer>]) => {
    const width = data.length / count;
    return [name, data.slice(begin * width, end * width)] as const;
  };
  return Object.fromEntries(Object.entries(outputs).map(cut));
}
