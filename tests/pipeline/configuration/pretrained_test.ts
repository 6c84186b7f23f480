import assert from "#assert";
import { pretrainedRun } from "../../../pipeline/configuration/pretrained.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

interface Carried {
  readonly accuracy: number;
  readonly dataset?: string;
  readonly width?: number;
  readonly weights?: boolean;
}

/** Writes runs as docs/results has them. */
async function writeRuns(folder: string, runs: Readonly<Record<string, Carried>>): Promise<void> {
  for (const [name, { accuracy, dataset = "cifar-10", width = 16, weights = true }] of Object.entries(runs)) {
    await Deno.mkdir(`${folder}/${name}`);
    const write = (file: string, value: unknown) =>
      Deno.writeTextFile(`${folder}/${name}/${file}`, JSON.stringify(value));
    await write("config.json", { dataset, depth: 8, width, branches: 2, epochs: 1 });
    await write("evaluation.json", { accuracy });
    if (weights) await write("weights.safetensors", "");
  }
}

Deno.test("the pretrained weights are those of the best CIFAR-10 run that is carried with its weights, and its network", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/README.md`, "");
    await writeRuns(folder, {
      "worse": { accuracy: 0.7 },
      "better": { accuracy: 0.8, width: 32 },
      "other-data": { accuracy: 0.99, dataset: "shapes" },
      "without-weights": { accuracy: 0.95, weights: false },
    });
    const { weights, accuracy, network } = pretrainedRun(folder);
    assert.equal(weights, `${folder}/better/weights.safetensors`);
    assert.equal(accuracy, 0.8);
    assert.deepEqual(network, {
      ...{ architecture: "resnet", depth: 8, width: 32, branches: 2, groups: 4, skip: true, batchNorm: true },
    });
  }));

Deno.test("without a carried run, --init pretrained is refused", () =>
  inTemporaryFolder(async (folder) => {
    await writeRuns(folder, { "without-weights": { accuracy: 0.95, weights: false } });
    assert.throws(() => pretrainedRun(folder), UsageError);
  }));
