/** Commands in the documents exist, and take the flags and values that stand behind them. */
import assert from "#assert";
import { configurationOf, parseFlags } from "../../pipeline/cli/flags.ts";
import { commands } from "../../pipeline/commands/mod.ts";
import { commandLines, documents, readDocument, repository, taskWords } from "../support/markdown.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${repository}deno.json`)) as { tasks: Record<string, unknown> };

/** @throws if the task does not exist, or its command refuses the words */
async function check([name, ...words]: readonly string[]): Promise<void> {
  assert.ok(name !== undefined && Object.hasOwn(tasks, name), `there is no task ${name}`);
  const entry = commands[name];
  if (!entry) return;
  const parsed = parseFlags(await entry.load(), words);
  // The file that --config names is the reader's own.
  await configurationOf({ ...parsed, config: undefined });
}

for (const path of await documents()) {
  const named = commandLines(await readDocument(path)).map(taskWords).filter((words) => words?.[0] !== undefined);
  if (named.length === 0) continue;
  Deno.test(`every deno task in ${path} exists and takes its flags`, async () => {
    for (const words of named) {
      // examples/web has tasks of its own.
      if (words![0] === "start") continue;
      await check(words!).catch((error) => assert.fail(`deno task ${words!.join(" ")}: ${error.message}`));
    }
  });
}

Deno.test("a task that does not exist, a flag and a value that its command refuses are found", async () => {
  await assert.rejects(check(["trian"]), /no task trian/);
  await assert.rejects(check(["train", "--rum", "x"]), /--rum/);
  await assert.rejects(check(["train", "--shake", "even"]), /--shake/);
  await check(["train", "--shake", "even-even-batch"]);
});

Deno.test("the words of a task end where the shell goes on", () => {
  const words = ["evaluate", "--run", "a b", "--json"];
  assert.deepEqual(taskWords('mpirun -np 2 deno task --quiet evaluate --run "a b" --json | jq .result'), words);
  assert.deepEqual(taskWords("source <(deno task --quiet completion bash)  # in ~/.bashrc"), ["completion", "bash"]);
  assert.deepEqual(taskWords("cd x && npx -y deno task preprocess --dataset cifar-10; done"), [
    "preprocess",
    "--dataset",
    "cifar-10",
  ]);
  assert.equal(taskWords("npm install"), undefined);
});
