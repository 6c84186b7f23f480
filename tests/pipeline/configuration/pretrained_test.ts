import assert from "#assert";
import { modelFile, pretrainedRun } from "../../../pipeline/configuration/pretrained.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";
import { inTemporaryFolder } from "../../support/temporary_folder.ts";

interface Carried {
  readonly accuracy: number;
  readonly dataset?: string;
  readonly width?: number;
  readonly weights?: boolean;
  readonly model?: boolean;
  readonly stem?: string;
}

/** Writes runs as docs/results has them. */
async function writeRuns(folder: string, runs: Readonly<Record<string, Carried>>): Promise<void> {
  for (
    const [name, { accuracy, dataset = "cifar-10", width = 16, weights = true, model, stem }] of Object.entries(runs)
  ) {
    await Deno.mkdir(`${folder}/${name}`);
    const write = (file: string, value: unknown) =>
      Deno.writeTextFile(`${folder}/${name}/${file}`, JSON.stringify(value));
    await write("config.json", { dataset, depth: 8, width, branches: 2, epochs: 1, stem });
    await write("evaluation.json", { accuracy });
    if (weights) await write("weights.safetensors", "");
    if (model) await write("model_fp16.onnx", "");
  }
}

Deno.test("the pretrained weights are those of the best CIFAR-10 run that is carried with its weights, and its network", () =>
  inTemporaryFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/README.md`, "");
    await writeRuns(folder, {
      "worse": { accuracy: 0.7 },
      "better": { accuracy: 0.8, width: 32, stem: "2" },
      "other-data": { accuracy: 0.99, dataset: "shapes" },
      "without-weights": { accuracy: 0.95, weights: false },
    });
    const { weights, accuracy, network } = pretrainedRun(folder);
    assert.equal(weights, `${folder}/better/weights.safetensors`);
    assert.equal(accuracy, 0.8);
    assert.deepEqual(network, {
      ...{ architecture: "resnet", depth: 8, width: 32, branches: 2, groups: 4, skip: true, batchNorm: true },
      ...{ stem: "2", stemFilters: 16 },
    });
  }));

Deno.test("without a carried run, --init pretrained is refused", () =>
  inTemporaryFolder(async (folder) => {
    await writeRuns(folder, { "without-weights": { accuracy: 0.95, weights: false } });
    assert.throws(() => pretrainedRun(folder), UsageError);
  }));

Deno.test("weights recorded before there was --stem, or with auto, are of a stem that keeps the size", () =>
  inTemporaryFolder(async (folder) => {
    await writeRuns(folder, { "auto": { accuracy: 0.9, stem: "auto" }, "earlier": { accuracy: 0.8 } });
    assert.equal(pretrainedRun(folder).network.stem, "1");
    await Deno.remove(`${folder}/auto`, { recursive: true });
    assert.equal(pretrainedRun(folder).network.stem, "1");
  }));

Deno.test("--model cifar10 is the model of the best CIFAR-10 run that is carried with it; other names are paths", () =>
  inTemporaryFolder(async (folder) => {
    await writeRuns(folder, {
      "without-model": { accuracy: 0.95 },
      "better": { accuracy: 0.9, model: true },
      "worse": { accuracy: 0.8, model: true },
    });
    assert.equal(modelFile("cifar10", folder), `${folder}/better/model_fp16.onnx`);
    assert.equal(modelFile("./cifar10", folder), "./cifar10");
    await Deno.remove(`${folder}/better`, { recursive: true });
    await Deno.remove(`${folder}/worse`, { recursive: true });
    assert.throws(() => modelFile("cifar10", folder), UsageError);
  }));
