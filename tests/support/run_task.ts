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
  const flags = tasks[task]!.command.split(/\s+/).filter((word) => word.startsWith("--"))
    .map((flag) => flag.replace("node_modules", `${root}node_modules`));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", ...flags, `${root}pipeline/main.ts`, task, ...args],
    cwd: folder,
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, output: output!, errors: errors! };
}
