/** Runs the model in a thread of its own: a run blocks its thread, and requests arrive meanwhile. */
import * as ort from "onnxruntime-node";

/** A message to this worker: the model's file first, then one batch at a time. */
export type Order = { readonly model: string } | { readonly shape: readonly number[]; readonly data: Numbers };

type Numbers = Float32Array<ArrayBuffer>;

/** The answer to a message. */
export type Reply =
  | { readonly loaded: { readonly inputs: readonly Tensor[]; readonly outputs: readonly Tensor[] } }
  | { readonly outputs: Readonly<Record<string, Numbers>> }
  | { readonly failed: string };

/** A float32 tensor of the model; an axis of any length is -1. */
export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Threads that wait for the next run sleep. Spinning, they would take the cores that decode pictures. */
const options = { extra: { session: { intra_op: { allow_spinning: "0" } } } };

const thread = self as unknown as {
  onmessage(event: MessageEvent<Order>): void;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
};
let session: ort.InferenceSession;

const described = (metadata: readonly ort.InferenceSession.ValueMetadata[]): Tensor[] =>
  metadata.map((value) => {
    if (!value.isTensor || value.type !== "float32") throw new Error(`${value.name} is no float32 tensor`);
    const shape = value.shape.map((size) => typeof size === "number" ? size : -1);
    return { name: value.name, shape };
  });

async function load(model: string): Promise<Reply> {
  session = await ort.InferenceSession.create(model, options);
  return { loaded: { inputs: described(session.inputMetadata), outputs: described(session.outputMetadata) } };
}

async function run(shape: readonly number[], data: Numbers): Promise<Reply> {
  const results = await session.run({ [session.inputNames[0]!]: new ort.Tensor("float32", data, shape) });
  // The copies belong to JavaScript, so they can be transferred.
  const copies = Object.entries(results).map(([name, { data }]) => [name, Float32Array.from(data as Numbers)]);
  return { outputs: Object.fromEntries(copies) };
}

thread.onmessage = async ({ data: order }) => {
  try {
    thread.postMessage("model" in order ? await load(order.model) : await run(order.shape, order.data));
  } catch (error) {
    thread.postMessage({ failed: (error as Error).message });
  }
};
