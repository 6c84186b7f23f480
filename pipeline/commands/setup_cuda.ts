/**
 * `deno task setup:cuda`: onnxruntime's CUDA kernels, for `--device cuda`, and what they need of the machine.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { type CudaPart, cudaParts } from "../../engine/cuda.ts";
import { cudaLibrary, Device } from "../../engine/device.ts";
import { EngineUnavailableError } from "../../engine/engine.ts";
import { installCudaKernels } from "../../engine/setup/cuda.ts";
import type { Command } from "../cli/command.ts";

export const setupCuda: Command = {
  name: "setup:cuda",
  fields: [],
  async run(_, { force, log, print, signal }) {
    const say = (line: string) => log(`setup:cuda: ${line}`);
    const before = !force && existsSync(cudaLibrary);
    if (!before) {
      say("running the install script of onnxruntime-node");
      await installCudaKernels(signal).catch(async (error) => {
        for (const part of await cudaParts()) say(lineOf(part));
        throw error;
      });
    }
    const parts = await cudaParts();
    for (const part of parts) say(lineOf(part));
    const missing = parts.filter((part) => "missing" in part);
    if (missing.length > 0) {
      const each = missing.map(({ part, missing }) => `${part} (${missing})`);
      throw new EngineUnavailableError(
        `device cuda cannot be used without ${each.join(" and ")}; install what is named above`,
      );
    }
    await Device.open("cuda");
    print(`${before ? "already installed" : "installed"}: onnxruntime's CUDA kernels; train with --device cuda`);
    return { parts, installed: !before };
  },
};

const lineOf = (part: CudaPart): string =>
  "version" in part ? `${part.part}: ${part.version}` : `${part.part}: ${part.missing}; ${part.next}`;
