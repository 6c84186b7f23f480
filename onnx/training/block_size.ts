import { BLOCKED } from "../file/domains.ts";
import { ModelBuilder } from "../file/model_builder.ts";
import type { OnnxRuntime } from "./runtime.ts";

/**
 * Finds how many channels onnxruntime keeps together in its blocked image format on this machine's CPU: 16 with AVX-512, 8
 * or 4 elsewhere. It looks where `ReorderInput` puts the second pixel.
 *
 * @returns undefined if onnxruntime has no such format here
 */
export async function blockSize({ InferenceSession, Tensor }: OnnxRuntime): Promise<number | undefined> {
  const channels = 64, height = 1, width = 2;
  const shape = [1, channels, height, width];
  const builder = new ModelBuilder(17);
  const input = builder.input("x", { shape, dtype: "float32" });
  builder.output("y", builder.node("ReorderInput", [input], {}, BLOCKED), { shape, dtype: "float32" });
  try {
    const session = await InferenceSession.create(builder.build(), { logSeverityLevel: 4 });
    const x = new Tensor("float32", Float32Array.from({ length: channels * width }, (_, at) => at), shape);
    const { y } = await session.run({ x });
    await session.release();
    // The second pixel of the first channel follows the first pixels of its block.
    const block = (y!.data as Float32Array).indexOf(1);
    return block > 1 && block < channels ? block : undefined;
  } catch {
    return undefined;
  }
}
