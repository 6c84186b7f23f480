/**
 * Installs onnxruntime's CUDA kernels, which are too large for npm, with the install script of its package.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { EngineUnavailableError } from "../engine.ts";
import { requireTool } from "./tool.ts";

/** @throws {EngineUnavailableError} if the kernels cannot be installed */
export async function installCudaKernels(signal?: AbortSignal): Promise<void> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new EngineUnavailableError(
      `onnxruntime's CUDA kernels are for Linux on x86_64, not for ${Deno.build.os} on ${Deno.build.arch}; try --device webgpu`,
    );
  }
  const script = fileURLToPath(new URL("../script/install.js", import.meta.resolve("onnxruntime-node")));
  await requireTool(
    [Deno.execPath(), "run", "--allow-all", "--no-lock", script, "--onnxruntime-node-install"],
    "the install script of onnxruntime-node",
    "run the command again where api.nuget.org can be reached",
    { ...(signal && { signal }) },
  );
}
