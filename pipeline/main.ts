/**
 * The command line: `main.ts <command> [flags]`.
 *
 * @module
 */
import { type Command, exitCodeOf, runCommand } from "./command.ts";
import { UsageError } from "./usage_error.ts";

/** Each command with the module that it needs, so that a download loads no TensorFlow. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  pipeline: async () => (await import("./pipeline.ts")).pipeline,
  download: async () => (await import("./download.ts")).download,
  preprocess: async () => (await import("./preprocess.ts")).preprocess,
  train: async () => (await import("./train.ts")).train,
  evaluate: async () => (await import("./evaluate.ts")).evaluate,
  export: async () => (await import("./export.ts")).exportModel,
};

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help") {
    for (const load of Object.values(commands)) {
      const { name, summary } = await load();
      console.log(`deno task ${name.padEnd(11)} ${summary}`);
    }
    return 0;
  }
  const load = commands[name];
  if (!load) {
    return exitCodeOf(new UsageError(`${name} is not a command; there are ${Object.keys(commands).join(", ")}`));
  }
  return await runCommand(await load(), args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
