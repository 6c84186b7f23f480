/** Runs an ONNX model on onnxruntime's CPU. */
import type { HostTensor } from "../../engine/engine.ts";
import { onnxruntime, openSession, ortTensor } from "../../engine/onnxruntime.ts";
import type { DataType } from "../../onnx/graph/graph.ts";

/** A tensor, and its type where its array does not tell: that of bool is one of bytes. */
interface TypedTensor extends HostTensor {
  readonly dtype?: DataType;
}

export async function runOnnx(
  model: Uint8Array,
  inputs: Readonly<Record<string, TypedTensor>>,
): Promise<Record<string, HostTensor>> {
  await using session = await openSession(model, { intraOpNumThreads: 1 });
  const results = await session.run(
    Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)])),
  );
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as HostTensor["data"] }]),
  );
}

function toOrt(tensor: TypedTensor) {
  if (tensor.dtype !== "bool") return ortTensor(tensor);
  return new (onnxruntime().Tensor)("bool", tensor.data as Uint8Array, tensor.shape);
}
