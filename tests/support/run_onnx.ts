/** Runs an ONNX model on onnxruntime's CPU. */
import type { HostTensor } from "../../engine/engine.ts";
import { openSession, ortTensors } from "../../engine/onnxruntime.ts";

export async function runOnnx(
  model: Uint8Array,
  inputs: Readonly<Record<string, HostTensor>>,
): Promise<Record<string, HostTensor>> {
  await using session = await openSession(model, {});
  const results = await session.run(ortTensors(inputs));
  return Object.fromEntries(
    Object.entries(results).map(([name, { dims, data }]) => [name, { shape: dims, data: data as HostTensor["data"] }]),
  );
}
