/**
 * `deno task setup:tensorflow` installs TensorFlow's native library for `--engine tensorflow`.
 *
 * @module
 */
import { EngineUnavailableError } from "../../engine/engine.ts";
import { loadTensorFlow } from "../../engine/tensorflow.ts";
import {
  hasTensorFlow,
  installBestTensorFlow,
  installTensorFlow,
  type TensorFlowSource,
  tensorFlowSources,
} from "../../engine/setup/tensorflow.ts";
import { command } from "../cli/command.ts";

export const setupTensorFlow = command({
  name: "setup:tensorflow",
  fields: [],
  argument: { name: "source", values: tensorFlowSources, optional: true },
  async run(_, { argument, force, log, print, signal }) {
    const options = { log: (line: string) => log(`setup:tensorflow: ${line}`), signal };
    const source = argument as TensorFlowSource | undefined;
    const before = !force && (source ? [source] : tensorFlowSources).some(hasTensorFlow);
    if (!before) await (source ? installTensorFlow(source, options) : installBestTensorFlow(options));
    const tensorflow = await loadTensorFlow();
    if (!tensorflow.loaded) {
      throw new EngineUnavailableError(`${tensorflow.why}; \`deno task setup:tensorflow --force\` installs it again`);
    }
    const { description, gpu } = tensorflow;
    print(`${before ? "already installed" : "installed"}: ${description}`);
    return { description, gpu, installed: !before };
  },
});
