/**
 * Completion of the tasks and their flags, for bash, zsh and fish.
 *
 * @module
 */
import type { Command } from "../../cli/command.ts";
import type { CommandEntry } from "../../cli/command_entry.ts";
import { completionScripts, type Shell, shells, type TaskFlag, type TaskWords } from "./scripts.ts";
import { fieldInfo } from "../../configuration/fields.ts";
import { switchesOf } from "../../cli/switches.ts";

/** The command, for the list of commands that it completes. */
export const completionOf = (commands: Readonly<Record<string, CommandEntry>>): Command => ({
  name: "completion",
  argument: { name: "SHELL", values: shells },
  fields: [],
  async run(_, context) {
    const shell = context.argument as Shell;
    const tasks = Object.entries(await descriptionsOfTasks());
    const words = await Promise.all(tasks.map(async ([name, description]): Promise<TaskWords> => {
      const command = await commands[name]?.load();
      return { name, description, values: command?.argument?.values ?? [], flags: command ? flagsOf(command) : [] };
    }));
    const script = completionScripts[shell](words);
    context.print(script);
    return { shell, script };
  },
});

/** Every task of the project with its description; some are no commands of the pipeline. */
async function descriptionsOfTasks(): Promise<Record<string, string>> {
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../../../deno.json", import.meta.url)));
  return Object.fromEntries(
    Object.entries<{ description: string }>(tasks).map(([name, { description }]) => [name, description]),
  );
}

function flagsOf(command: Command): TaskFlag[] {
  const fields = command.fields.map((name): TaskFlag => {
    const { flag, kind, initial, choices, description } = fieldInfo(name);
    if (kind !== "boolean") return { name: flag.slice(2), value: choices ?? "file", description };
    return { name: `${initial === true ? "no-" : ""}${flag.slice(2)}`, description };
  });
  const switches = Object.entries(switchesOf(command)).map(([name, { value, choices, description }]): TaskFlag => ({
    ...{ name, description },
    ...(value !== undefined && { value: choices ?? "file" }),
  }));
  return [...fields, ...switches];
}
