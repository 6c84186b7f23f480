/**
 * The block of channels in onnxruntime's blocked image format, which depends on the machine.
 *
 * @module
 */
import { BLOCKED, ModelBuilder } from "../onnx/internal.ts";
import { SESSION_LOG } from "./library_settings.ts";
import { onnxruntime, openSession } from "./onnxruntime.ts";

const CHANNELS = 64, WIDTH = 2;

/**
 * Measures how many channels onnxruntime keeps together on this machine: 16 with AVX-512, 8 or 4 elsewhere. It reorders a
 * known image of two pixels and looks where the second pixel lands.
 *
 * @returns undefined if onnxruntime has no such format here
 */
export async function blockSize(): Promise<number | undefined> {
  const shape = [1, CHANNELS, 1, WIDTH];
  const builder = new ModelBuilder(17);
  const input = builder.input("x", { shape, dtype: "float32" });
  builder.output("y", builder.node("ReorderInput", [input], {}, BLOCKED), { shape, dtype: "float32" });
  const { Tensor } = onnxruntime();
  try {
    await using session = await openSession(builder.build(), { logSeverityLevel: SESSION_LOG.fatal });
    const x = new Tensor("float32", Float32Array.from({ length: CHANNELS * WIDTH }, (_, at) => at), shape);
    const { y } = await session.run({ x });
    // The second pixel of the first channel follows the first pixels of its block.
    const block = (y!.data as Float32Array).indexOf(1);
    return block > 1 && block < CHANNELS ? block : undefined;
  } catch {
    return undefined;
  }
}
