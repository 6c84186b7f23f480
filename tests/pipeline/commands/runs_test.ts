import assert from "#assert";
import { isThere } from "../../../data/files/files.ts";
import { runCommand } from "../../../pipeline/cli/run_command.ts";
import { runs } from "../../../pipeline/commands/runs.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { testContext } from "../../support/tiny_run.ts";

Deno.test("runs lists the runs, and removes one only after a yes", () =>
  inTemporaryFolder(async (folder) => {
    const place = { runs: `${folder}/runs`, cache: folder }, { folder: first } = runPaths({ ...place, run: "first" });
    await writeRunConfiguration({ ...place, run: "first" });
    await writeRunConfiguration({ ...place, run: "second" });
    const call = (fields: Partial<Parameters<typeof runs.run>[0]>) =>
      runs.run({ sort: undefined, remove: undefined, yes: undefined, ...place, ...fields }, testContext());
    const listed = (await call({}))["runs"] as { run: string }[];
    assert.deepEqual(listed.map(({ run }) => run), ["first", "second"]);
    await assert.rejects(call({ remove: "first" }), UsageError);
    await assert.rejects(call({ yes: true }), /--yes needs --remove/);
    assert.ok(await isThere(first));
    assert.deepEqual(await call({ remove: "first", yes: true }), { removed: first });
    assert.ok(!await isThere(first));
  }));

Deno.test("a name that leads out of the folder of runs is refused", async () => {
  const introduction = { summary: "", examples: [] };
  for (const name of ["../runs", "..", "a/b", "/tmp"]) {
    assert.equal(await runCommand(runs, introduction, ["--remove", name, "--yes", "--quiet"]), 2, name);
  }
});
