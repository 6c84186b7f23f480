/**
 * Carries a finished CIFAR-10 run in docs/results, with the weights that `--init pretrained` starts from and its model:
 *
 *     deno run --allow-read --allow-write=docs/results bench/carry_run.ts runs/NAME
 *
 * The run needs `evaluate` first; `export --precision fp16` adds the model of `predict --model cifar10`. Its weights are those
 * that were evaluated, without momentum.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { isThere, writeFileAtomic } from "../data/files/files.ts";
import { WEIGHTS_FILE } from "../pipeline/configuration/pretrained.ts";
import { DataIdentity } from "../pipeline/run/data_identity.ts";
import { encodeWeights, readInitialWeights } from "../pipeline/run/initial_weights.ts";
import { writeJson } from "../pipeline/run/json_file.ts";
import { runPaths } from "../pipeline/run/paths.ts";
import { networkOf } from "../pipeline/run/described_network.ts";
import { checkpointOf, checkpointPath, readRunConfiguration } from "../pipeline/run/run_configuration.ts";

const [folder = "runs/cifar10-small"] = Deno.args;
const paths = runPaths({ runs: dirname(folder), run: basename(folder) });
const configuration = await readRunConfiguration(paths);
const { labels } = DataIdentity.parse(JSON.parse(await Deno.readTextFile(paths.data)));
const checkpoint = checkpointPath(paths, checkpointOf(configuration, configuration.checkpoint));
const { state } = await readInitialWeights(checkpoint, networkOf(configuration, { labels }));
const carried = `docs/results/${paths.run}`;
await Deno.mkdir(carried, { recursive: true });
await writeFileAtomic(`${carried}/${WEIGHTS_FILE}`, encodeWeights(state, labels));
// Folders of this machine say nothing about the run.
await writeJson(`${carried}/config.json`, { ...configuration, runs: "runs", cache: ".cache" });
for (const file of [paths.metrics, paths.evaluation, paths.parity, paths.models.fp16]) {
  if (await isThere(file)) await Deno.copyFile(file, `${carried}/${basename(file)}`);
}
