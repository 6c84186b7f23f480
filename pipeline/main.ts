/**
 * The command line: `main.ts <command> [flags]`.
 *
 * @module
 */
import { commandsText, helpWidth } from "./cli/help.ts";
import { failed, runCommand } from "./cli/run_command.ts";
import { unknownCommand } from "./cli/unknown_command.ts";
import { runMissingStages } from "./commands/missing_stages.ts";
import { commands } from "./commands/mod.ts";

async function main([name, ...args]: readonly string[]): Promise<number> {
  const json = args.includes("--json");
  if (name === undefined || name === "--help" || name === "-h") {
    const summaries = Object.entries(commands).map(([name, { summary }]) => [name, summary]);
    console.log(commandsText(Object.fromEntries(summaries), helpWidth()));
    return 0;
  }
  if (!Object.hasOwn(commands, name)) {
    return failed(name, unknownCommand(name, Object.keys(commands)), json);
  }
  const { load, ...introduction } = commands[name]!;
  let command;
  try {
    command = await load();
  } catch (error) {
    // Loading a native library needs a permission, too.
    return failed(name, error, json);
  }
  return await runCommand(
    command,
    introduction,
    args,
    (configuration, context) => runMissingStages(name, configuration, context),
  );
}

if (import.meta.main) Deno.exit(await main(Deno.args));
