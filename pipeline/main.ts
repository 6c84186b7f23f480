/**
 * The command line: `main.ts <command> [flags]`.
 *
 * @module
 */
import { exitCodeOf, runCommand } from "./cli/run_command.ts";
import { commands } from "./commands/mod.ts";
import { UsageError } from "./configuration/usage_error.ts";

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined || name === "--help") {
    for (const [name, { summary }] of Object.entries(commands)) console.log(`deno task ${name.padEnd(16)} ${summary}`);
    return 0;
  }
  const names = Object.keys(commands);
  if (!names.includes(name)) {
    return exitCodeOf(new UsageError(`${name} is not a command; there are ${names.join(", ")}`));
  }
  const { summary, load } = commands[name]!;
  return await runCommand(await load(), summary, args);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
