/**
 * `deno task setup:tensorflow`: TensorFlow's native library, for `--engine tensorflow`.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine/engine.ts";
import { loadTensorFlow } from "../engine/tensorflow.ts";
import {
  bestTensorFlowSource,
  hasTensorFlow,
  installTensorFlow,
  type TensorFlowSource,
  tensorFlowSources,
} from "../setup/tensorflow.ts";
import type { Command } from "./command.ts";

export const setupTensorFlow: Command = {
  name: "setup:tensorflow",
  fields: [],
  argument: { name: "source", values: tensorFlowSources, optional: true },
  async run(_, { argument, force, log, print, signal }) {
    const say = (line: string) => log(`setup:tensorflow: ${line}`);
    const asked = argument as TensorFlowSource | undefined;
    const there = (asked ? [asked] : tensorFlowSources).some(hasTensorFlow);
    if (!there || force) await install(asked ?? await bestTensorFlowSource(), asked === undefined);
    const tensorflow = await loadTensorFlow();
    if (!tensorflow.loaded) {
      throw new EngineUnavailableError(`${tensorflow.why}; to install it anew, add --force`);
    }
    const before = there && !force;
    print(`${before ? "already installed" : "installed"}: ${tensorflow.description}`);
    return { description: tensorflow.description, gpu: tensorflow.gpu, installed: !before };

    /** @param otherwise whether to build for the CPU where the package's script fails */
    async function install(source: TensorFlowSource, otherwise: boolean): Promise<void> {
      try {
        await installTensorFlow(source, { log: say, signal });
      } catch (error) {
        if (!(otherwise && source === "package" && error instanceof EngineUnavailableError)) throw error;
        say(error.message);
        await installTensorFlow("cpu", { log: say, signal });
      }
    }
  },
};
