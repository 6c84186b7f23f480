import type { HostTensor } from "../../../engine/engine.ts";
import { onnxruntime, openSession } from "../../../engine/onnxruntime.ts";

/** Tensors by name; booleans are bytes. */
export type Host = Readonly<Record<string, HostTensor>>;

/** Runs a model on each of several inputs. */
export async function runModel(model: Uint8Array, runs: readonly Host[]): Promise<Host[]> {
  // Threads cost more than they give on tensors of this size.
  await using session = await openSession(model, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  const results: Host[] = [];
  for (const inputs of runs) {
    const outputs = await session.run(
      Object.fromEntries(session.inputNames.map((name) => [name, tensor(inputs[name]!)])),
    );
    results.push(Object.fromEntries(
      Object.entries(outputs).map((
        [name, { dims, data }],
      ) => [name, { shape: dims, data: data as HostTensor["data"] }]),
    ));
  }
  return results;
}

function tensor({ shape, data }: HostTensor) {
  const { Tensor } = onnxruntime();
  return data instanceof Uint8Array ? new Tensor("bool", data, shape) : new Tensor(data as Float32Array, shape);
}
