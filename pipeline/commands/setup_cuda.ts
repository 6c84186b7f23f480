/**
 * `deno task setup:cuda` installs onnxruntime's CUDA kernels for `--device cuda`, and lists the drivers and libraries
 * that they need.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { type CudaPart, cudaParts } from "../../engine/cuda.ts";
import { cudaLibrary, Device } from "../../engine/device.ts";
import { EngineUnavailableError } from "../../engine/engine.ts";
import { installCudaKernels } from "../../engine/setup/cuda.ts";
import { command } from "../cli/command.ts";

export const setupCuda = command({
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
        `device cuda cannot be used without ${each.join(" and ")}; install the parts that are named above`,
      );
    }
    await Device.open("cuda");
    print(`${before ? "already installed" : "installed"}: onnxruntime's CUDA kernels; train with --device cuda`);
    return { parts, installed: !before };
  },
});

const lineOf = (part: CudaPart): string =>
  "version" in part ? `${part.part}: ${part.version}` : `${part.part}: ${part.missing}; ${part.next}`;
