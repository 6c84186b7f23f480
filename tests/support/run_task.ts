/** Runs tasks of deno.json with their own permissions, in another folder. */
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { tasks } = JSON.parse(await Deno.readTextFile(`${root}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a task in a folder, which has the `runs` and the `.cache` that the task may write. */
export async function runTask(folder: string, task: string, ...args: readonly string[]): Promise<Ended> {
  const [, permissions, program, own] = /^.*?deno run (.*?) (\S+\.ts)(?: (.*))?$/.exec(tasks[task]!.command)!;
  const flags = permissions!.replace("=node_modules", `=${root}node_modules`).split(" ");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--no-check", "--config", `${root}deno.json`, ...flags, `${root}${program}`],
      ...(own ? [own] : []),
      ...args,
    ],
    cwd: folder,
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, output: output!, errors: errors! };
}
