import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { explanationsIfThere, writeExplanations } from "../../../pipeline/run/explanations_file.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

Deno.test("maps are read as shares of their largest value, in thousandths", () =>
  inTemporaryFolder(async (folder) => {
    const paths = { explanations: `${folder}/explanations.json`, flags: "--run mine" };
    assert.equal(await explanationsIfThere(paths), undefined);
    const map = { values: [0, 1, 2, 4], height: 2, width: 2 }, empty = { values: [0], height: 1, width: 1 };
    await writeExplanations(paths, "digest", new Map([[7, map], [3, empty]]));
    assert.deepEqual(await explanationsIfThere(paths), {
      checkpointDigest: "digest",
      maps: [{ image: 7, height: 2, width: 2, values: [0, 250, 500, 1000] }, {
        image: 3,
        height: 1,
        width: 1,
        values: [0],
      }],
    });
    const damaged = { checkpointDigest: "", maps: [{ image: 0, height: 2, width: 2, values: [1] }] };
    await Deno.writeTextFile(paths.explanations, JSON.stringify(damaged));
    await assert.rejects(explanationsIfThere(paths), InputError);
  }));
