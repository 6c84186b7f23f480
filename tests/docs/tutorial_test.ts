/** The code of docs/tutorial.md runs, in its order, in a folder of its own. */
import assert from "#assert";
import { type CodeBlock, codeBlocks, readDocument, repository, taskWords } from "../support/markdown.ts";
import { inTemporaryFolder } from "../support/temporary_folder.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${repository}deno.json`)) as {
  tasks: Record<string, { command: string }>;
};

/** Successive blocks of one language in one section: a program, or lines of shell. */
interface Program {
  readonly language: string;
  readonly section: string;
  readonly code: string;
}

function programs(blocks: readonly CodeBlock[]): Program[] {
  const all: Program[] = [];
  for (const { language, section, code } of blocks) {
    const last = all.at(-1);
    if (last?.language === language && last.section === section) {
      all[all.length - 1] = { ...last, code: `${last.code}\n${code}` };
    } else all.push({ language, section, code });
  }
  return all;
}

async function run(cwd: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd, env: { NO_COLOR: "1" } })
    .output();
  assert.ok(success, `deno ${args.join(" ")}:\n${new TextDecoder().decode(stderr)}`);
}

/** More threads than one wait in loops, on the cores of other tests. */
const ONE_THREAD = ["--threads", "1"];
/** Further flags of tasks that compute. The reference of `export` is slow. */
const quicker: Readonly<Record<string, readonly string[]>> = {
  train: ONE_THREAD,
  evaluate: ONE_THREAD,
  export: [...ONE_THREAD, "--parity-images", "4"],
};

/** A task with its own permissions, but from another folder, so that it writes nothing here. */
function runTask(folder: string, line: string): Promise<void> {
  const [name, ...words] = taskWords(line)!;
  words.push(...quicker[name!] ?? []);
  const own = tasks[name!]!.command.split(" ").filter((word) => word.startsWith("--"))
    .map((flag) => flag.replace("=node_modules", `=${repository}node_modules`));
  return run(folder, ["run", "--no-prompt", "--no-check", ...own, `${repository}pipeline/main.ts`, name!, ...words]);
}

/** Fewer steps show the same. */
const shortened = (code: string): string => code.replace("--max-steps 60", "--max-steps 6").replace("s = 60", "s = 30");

/** Programs begin in the project's folder; here they begin elsewhere, so they name it, and any free port. */
const placed = (code: string): string =>
  shortened(code).replaceAll('from "./', `from "${repository}`).replace(", 8000)", ", 0)");

Deno.test("the code of the tutorial runs", () =>
  inTemporaryFolder(async (folder) => {
    const parts = programs(codeBlocks(await readDocument("docs/tutorial.md")));
    const file = (at: number) => `${folder}/part${at}.ts`;
    const files: string[] = [];
    for (const [at, { language, section, code }] of parts.entries()) {
      if (language === "sh") continue;
      assert.equal(language, "ts", `${section} has code that no test runs`);
      await Deno.writeTextFile(file(at), placed(code));
      files.push(file(at));
    }
    const config = ["--config", `${repository}deno.json`];
    // All at once: the types of the libraries are read once.
    await run(folder, ["check", ...config, ...files]);
    for (const [at, { language, code }] of parts.entries()) {
      if (language === "ts") await run(folder, ["run", "--allow-all", "--no-check", ...config, file(at)]);
      else for (const line of shortened(code).split("\n").filter((line) => line !== "")) await runTask(folder, line);
    }
  }));
