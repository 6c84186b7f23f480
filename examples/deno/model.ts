/** A model in a thread of its own. */
import type { Order, Reply, Tensor } from "./model_worker.ts";

export type { Tensor } from "./model_worker.ts";

/** The outputs by name, each [rows, ...]. */
export type Outputs = Readonly<Record<string, Float32Array<ArrayBuffer>>>;

export class Model {
  readonly #worker = new Worker(new URL("./model_worker.ts", import.meta.url), { type: "module" });
  #pending: { resolve(reply: Reply): void; reject(error: Error): void } | undefined;
  #input!: Tensor;
  #outputs!: readonly Tensor[];

  private constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#pending!.resolve(data);
  }

  /** @throws {Error} if the file is no model with one input */
  static async load(path: string): Promise<Model> {
    const model = new Model();
    try {
      const reply = await model.#send({ model: path });
      if (!("loaded" in reply)) throw new Error(`${path}: unexpected answer`);
      const { inputs: [input, ...others], outputs } = reply.loaded;
      if (!input || others.length > 0) throw new Error(`${path} has ${others.length + 1} inputs, not one`);
      model.#input = input;
      model.#outputs = outputs;
      return model;
    } catch (error) {
      model.close();
      throw error;
    }
  }

  get input(): Tensor {
    return this.#input;
  }

  get outputs(): readonly Tensor[] {
    return this.#outputs;
  }

  /** Runs one batch; the next may start when this one has ended. The data is gone afterwards. */
  async run(shape: readonly number[], data: Float32Array<ArrayBuffer>): Promise<Outputs> {
    const reply = await this.#send({ shape, data }, [data.buffer]);
    if (!("outputs" in reply)) throw new Error("the model's thread gave no outputs");
    return reply.outputs;
  }

  async #send(order: Order, transfer: Transferable[] = []): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    this.#pending = { resolve, reject };
    this.#worker.postMessage(order, transfer);
    const reply = await promise;
    if ("failed" in reply) throw new Error(reply.failed);
    return reply;
  }

  close(): void {
    this.#worker.terminate();
  }
}
