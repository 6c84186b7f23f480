/** Completion, asked of the shells themselves where they are. */
import assert from "#assert";
import { completionScripts, type TaskWords } from "../../../../pipeline/commands/completion/scripts.ts";
import { completionOf } from "../../../../pipeline/commands/completion/mod.ts";
import { commands } from "../../../../pipeline/commands/mod.ts";
import { resolveConfiguration } from "../../../../pipeline/configuration/resolve.ts";
import { inTemporaryFolder } from "../../../support/temporary_folder.ts";
import { testContext } from "../../../support/tiny_run.ts";

const tasks: TaskWords[] = [
  {
    name: "train",
    description: "it's a task: of [many]",
    values: [],
    flags: [
      { name: "depth", description: "the run's depth", value: "file" },
      { name: "dataset", description: "data set", value: ["shapes", "cifar-10"] },
      { name: "resume", description: "go on" },
    ],
  },
  { name: "experiment", description: "runs", values: ["table1", "table4"], flags: [] },
  { name: "test", description: "tests", values: [], flags: [] },
];

async function has(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["-c", "exit"] }).output()).success;
  } catch {
    return false;
  }
}

/** The output of a shell after sourcing the script. */
async function ask(shell: "bash" | "fish", script: string, question: string): Promise<string[]> {
  let answer = "";
  await inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/script`, script);
    const args = ["-c", `source ${folder}/script; ${question}`];
    const { stdout, stderr } = await new Deno.Command(shell, { args, env: { HOME: folder } }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    answer = new TextDecoder().decode(stdout);
  });
  return answer.split(/\s+/).filter((word) => word !== "").sort();
}

const expected: [words: string[], completions: string[]][] = [
  [["deno", "task", "t"], ["test", "train"]],
  [["deno", "task", "train", "--de"], ["--depth"]],
  [["npx", "-y", "deno", "task", "train", "--re"], ["--resume"]],
  [["deno", "task", "train", "--dataset", ""], ["cifar-10", "shapes"]],
  [["deno", "task", "train", "--resume", "--dataset", "c"], ["cifar-10"]],
  [["deno", "task", "experiment", ""], ["table1", "table4"]],
  [["npx", "-y", "deno", "task", "test", "--re"], []],
];

Deno.test({
  name: "bash completes tasks, flags, values and arguments, and leaves the rest to what was there",
  ignore: !await has("bash"),
  async fn() {
    const script = `before() { COMPREPLY=(before); }; complete -F before deno\n${completionScripts.bash(tasks)}`;
    const complete = (words: string[]) =>
      ask(
        "bash",
        script,
        `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}; __shakenet ${
          words[0]
        }; echo "\${COMPREPLY[*]}"`,
      );
    const cases: typeof expected = [
      ...expected,
      [["deno", "task", "train", "--dataset", "=", "sh"], ["shapes"]],
      [["deno", "run", ""], ["before"]],
    ];
    await Promise.all(
      cases.map(async ([words, wanted]) => assert.deepEqual(await complete(words), wanted, `${words}`)),
    );
  },
});

Deno.test({
  name: "fish completes tasks, flags, values and arguments",
  ignore: !await has("fish"),
  async fn() {
    await Promise.all(expected.map(async ([words, wanted]) => {
      const answer = await ask(
        "fish",
        completionScripts.fish(tasks),
        `complete -C '${words.join(" ")}' | string replace -r '\\t.*' ''`,
      );
      assert.deepEqual(answer, wanted, `${words}`);
    }));
  },
});

for (const shell of ["bash", "zsh", "fish"] as const) {
  Deno.test({
    name: `the completion of every task is a script that ${shell} reads`,
    ignore: !await has(shell),
    async fn() {
      const context = testContext({ argument: shell });
      await completionOf(commands).run(resolveConfiguration("quick", undefined, {}), context);
      assert.match(context.printed[0]!, /learning-rate/);
      const child = new Deno.Command(shell, { args: ["-n"], stdin: "piped", stderr: "piped" }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(context.printed[0]));
      await writer.close();
      const { success, stderr } = await child.output();
      assert.ok(success, new TextDecoder().decode(stderr));
    },
  });
}
