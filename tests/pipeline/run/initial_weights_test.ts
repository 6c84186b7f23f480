import assert from "#assert";
import { InputError } from "../../../data/files/input_error.ts";
import { noPlateau } from "../../../model/schedule.ts";
import { shakeNet } from "../../../model/shakenet.ts";
import { makeCheckpointFolder, writeCheckpoint } from "../../../pipeline/run/checkpoint.ts";
import { readInitialWeights } from "../../../pipeline/run/initial_weights.ts";
import { runPaths } from "../../../pipeline/run/paths.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";
import { trainedState } from "../../support/trained_state.ts";

const net = shakeNet({ depth: 8, width: 2, branches: 2, classes: 2 });
const checkpoint = {
  position: {
    ...{ step: 1, validatedEpochs: 0, best: null, plateau: noPlateau },
    ...{ epochLoss: 0, epochAccuracy: 0, epochSkipped: 0, settings: {} },
  },
  state: trainedState(net),
};
const split = { images: 1, digest: "" };
const identity = {
  ...{ digest: "1", name: "pictures", labels: ["a", "b"], imageShape: [8, 8, 3], mean: [0, 0, 0], std: [1, 1, 1] },
  ...{ train: split, test: split },
};

Deno.test("a checkpoint in the folder of its run has the run's classes, and a damaged data.json of the run is refused", () =>
  inTemporaryFolder(async (runs) => {
    const paths = runPaths({ runs, run: "first" });
    await makeCheckpointFolder(paths);
    await writeCheckpoint(paths.last, checkpoint);
    assert.equal((await readInitialWeights(paths.last, net)).labels, undefined);
    await Deno.writeTextFile(paths.data, JSON.stringify(identity));
    assert.deepEqual((await readInitialWeights(paths.last, net)).labels, ["a", "b"]);
    await Deno.writeTextFile(paths.data, "{");
    await assert.rejects(readInitialWeights(paths.last, net), InputError);
  }));

Deno.test("a checkpoint elsewhere names no classes, whatever data.json is near it", () =>
  inTemporaryFolder(async (folder) => {
    const copy = `${folder}/weights/copied.safetensors`;
    await Deno.mkdir(`${folder}/weights`);
    await writeCheckpoint(copy, checkpoint);
    await Deno.writeTextFile(`${folder}/data.json`, '{"of": "another program"}');
    assert.equal((await readInitialWeights(copy, net)).labels, undefined);
  }));
