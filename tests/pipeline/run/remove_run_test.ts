import assert from "#assert";
import { FolderBusyError, lockFolder } from "../../../data/files/folder_lock.ts";
import { InputError } from "../../../data/files/input_error.ts";
import { isThere } from "../../../data/files/files.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { removeRun } from "../../../pipeline/run/remove_run.ts";
import { writeRunConfiguration } from "../../../pipeline/run/run_configuration.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("a run is removed with all its files, and what its links lead to stays", () =>
  inTemporaryFolder(async (folder) => {
    const place = { runs: `${folder}/runs`, run: "old" }, paths = runPaths(place);
    await writeRunConfiguration(place);
    await Deno.writeTextFile(`${folder}/precious.txt`, "kept");
    await Deno.mkdir(`${paths.folder}/checkpoints`);
    await Deno.symlink(`${folder}/precious.txt`, `${paths.folder}/checkpoints/link`);
    await Deno.symlink(folder, `${paths.folder}/up`);
    await removeRun(paths);
    assert.ok(!await isThere(paths.folder));
    assert.equal(await Deno.readTextFile(`${folder}/precious.txt`), "kept");
  }));

Deno.test("a run that another process works in, a link and a folder of no run stay", () =>
  inTemporaryFolder(async (folder) => {
    const runs = `${folder}/runs`;
    const refuses = async (run: string, says: RegExp) => {
      await assert.rejects(
        removeRun(runPaths({ runs, run })),
        (error) => error instanceof InputError && says.test(error.message),
      );
    };
    await writeRunConfiguration({ runs, run: "busy" });
    {
      using _lock = await lockFolder(`${runs}/busy`, "a test");
      await assert.rejects(removeRun(runPaths({ runs, run: "busy" })), FolderBusyError);
    }
    await Deno.symlink("busy", `${runs}/linked`);
    await Deno.mkdir(`${runs}/table`);
    await refuses("linked", /is a link/);
    await refuses("table", /is no run/);
    await refuses("none", /there is no run none/);
    assert.deepEqual((await Array.fromAsync(Deno.readDir(runs))).map(({ name }) => name).sort(), [
      "busy",
      "linked",
      "table",
    ]);
  }));
