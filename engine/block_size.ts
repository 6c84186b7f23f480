import { blockSize as blockSizeOf } from "../onnx/without_tracer.ts";
import { onnxruntime } from "./onnxruntime.ts";

/**
 * Measures how many channels a block of onnxruntime's blocked image format has on this machine.
 *
 * @returns undefined if onnxruntime has no such format here
 */
export const blockSize = (): Promise<number | undefined> => blockSizeOf(onnxruntime());
