import { kinds } from "./mod.ts";

/**
 * The TensorFlow.js kernels that a traced function may use, besides any on constants alone.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { supportedKernels } from "@shakenet/tfjs-onnx";
 *
 * assert.ok(supportedKernels.includes("Conv2D"));
 * ```
 */
export const supportedKernels: readonly string[] = kinds.flatMap(({ lowerings }) => Object.keys(lowerings)).sort();
