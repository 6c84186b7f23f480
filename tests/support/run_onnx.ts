/** Runs an ONNX model on onnxruntime's CPU. */
import * as ort from "onnxruntime-node";
import type { HostArray } from "../../onnx/graph/graph.ts";

export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: HostArray;
}

export async function runOnnx(
  model: Uint8Array,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [name, new ort.Tensor(data as Float32Array, shape)]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as HostArray }]),
  );
}
