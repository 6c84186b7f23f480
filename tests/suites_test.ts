/** The suites, and the task that runs them. */
import assert from "#assert";
import { repository } from "./support/markdown.ts";
import { testFiles } from "./suites/import_tests.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${repository}deno.json`)) as {
  tasks: Record<"test", { command: string }>;
};

/** The folders that the suites import. */
async function imported(): Promise<string[]> {
  const folders: string[] = [];
  for await (const { name } of Deno.readDir(`${repository}tests/suites`)) {
    const text = await Deno.readTextFile(`${repository}tests/suites/${name}`);
    const [, list = ""] = /^await importTests\(([^)]*)\)/m.exec(text) ?? [];
    folders.push(...[...list.matchAll(/"([^"]+)"/g)].map(([, folder]) => folder!));
  }
  return folders;
}

Deno.test("every file of tests runs once: the task leaves out the folders that its suites import, and no others", async () => {
  const { command } = tasks.test;
  const ignored = /--ignore=(\S+)/.exec(command)![1]!.split(",");
  // Deno ignores nothing below a folder where the command also names a file below it: it finds the suites by their names.
  assert.match(command, / tests\/ onnx\/$/);
  assert.deepEqual((await imported()).toSorted(), ignored.toSorted());
  for (const folder of ignored) assert.ok((await testFiles(folder)).length > 0, folder);
});
