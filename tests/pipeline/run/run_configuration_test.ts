import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import {
  checkpointPath,
  readRunConfiguration,
  writeRunConfiguration,
} from "../../../pipeline/run/run_configuration.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { withDefaults } from "../../support/tiny_run.ts";

Deno.test("the configuration of a run is read as it was written, with defaults for fields that were not given", () =>
  inTemporaryFolder(async (runs) => {
    const configuration = resolveConfiguration("cifar100", undefined, { runs });
    const paths = runPaths(configuration);
    await writeRunConfiguration(configuration);
    assert.deepEqual(await readRunConfiguration(paths), configuration);
    await writeRunConfiguration({ runs, run: "cifar100" });
    assert.deepEqual(await readRunConfiguration(paths), {
      ...withDefaults({ runs }),
      run: "cifar100",
    });
  }));

Deno.test("a configuration that is missing or damaged names the command that trains the run", () =>
  inTemporaryFolder(async (runs) => {
    const paths = runPaths({ runs, run: "mine" });
    const refused = (says: RegExp) =>
      assert.rejects(
        readRunConfiguration(paths),
        (error) => error instanceof InputError && says.test(error.message),
      );
    await refused(/config\.json does not exist; run `deno task train --run mine --runs \S+` first$/);
    await Deno.mkdir(paths.folder);
    await Deno.writeTextFile(paths.configuration, '{"depth": 9}');
    await refused(
      /config\.json is not as `deno task train --run mine --runs \S+` writes it; remove it, .* --resume, which keeps the run$/,
    );
  }));

Deno.test("a checkpoint is one of the run's by name, or a file", () => {
  const paths = runPaths({ runs: "runs", run: "mine" });
  for (const name of ["best", "last", "previous"] as const) assert.equal(checkpointPath(paths, name), paths[name]);
  assert.equal(checkpointPath(paths, "other/last.safetensors"), "other/last.safetensors");
});
