/**
 * The block of channels in onnxruntime's blocked image format, which depends on the machine.
 *
 * @module
 */
import { BLOCKED } from "../file/domains.ts";
import { ModelBuilder } from "../file/model_builder.ts";
import type { OnnxRuntime } from "./runtime.ts";

const CHANNELS = 64, WIDTH = 2;
/** The level of a session that may fail, which is an answer and no news. */
const SILENT = 4;

/**
 * Measures how many channels onnxruntime keeps together on this machine: 16 with AVX-512, 8 or 4 elsewhere. It reorders a
 * known image of two pixels and looks where the second pixel lands.
 *
 * @returns undefined if onnxruntime has no such format here
 */
export async function blockSize({ InferenceSession, Tensor }: OnnxRuntime): Promise<number | undefined> {
  const shape = [1, CHANNELS, 1, WIDTH];
  const builder = new ModelBuilder(17);
  const input = builder.input("x", { shape, dtype: "float32" });
  builder.output("y", builder.node("ReorderInput", [input], {}, BLOCKED), { shape, dtype: "float32" });
  try {
    const session = await InferenceSession.create(builder.build(), { logSeverityLevel: SILENT, intraOpNumThreads: 1 });
    const x = new Tensor("float32", Float32Array.from({ length: CHANNELS * WIDTH }, (_, at) => at), shape);
    const { y } = await session.run({ x }).finally(() => session.release());
    // The second pixel of the first channel follows the first pixels of its block.
    const block = (y!.data as Float32Array).indexOf(1);
    return block > 1 && block < CHANNELS ? block : undefined;
  } catch {
    return undefined;
  }
}
