import assert from "node:assert/strict";
import { fieldInfo, fieldNames, type Given } from "../../../pipeline/configuration/fields.ts";
import { presetNames } from "../../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";

const resolve = (flags: Given = {}, preset = "quick", values?: unknown) =>
  resolveConfiguration(preset, values === undefined ? undefined : { path: "my.json", values }, flags);

Deno.test("flags override the file, the file the preset, the preset the defaults", () => {
  const { depth, width, epochs, seed, run } = resolve({ epochs: 5 }, "cifar10-small", { epochs: 4, width: 8 });
  assert.deepEqual({ depth, width, epochs, seed, run }, {
    depth: 14,
    width: 8,
    epochs: 5,
    seed: 1,
    run: "cifar10-small",
  });
});

Deno.test("the preset cifar10 is the TensorFlow code's run", () => {
  const { dataset, depth, width, branches, shake, epochs, batch, learningRate, momentum, weightDecay } = resolve(
    {},
    "cifar10",
  );
  assert.deepEqual(
    { dataset, depth, width, branches, shake, epochs, batch, learningRate, momentum, weightDecay },
    {
      dataset: "cifar-10",
      depth: 26,
      width: 32,
      branches: 2,
      shake: "shake-shake-image",
      epochs: 1800,
      batch: 128,
      learningRate: 0.2,
      momentum: 0.9,
      weightDecay: 1e-4,
    },
  );
});

Deno.test("a resolved configuration resolves to itself", () => {
  const configuration = resolve({ seed: 7, maxSteps: 3, shuffle: false }, "cifar10-small");
  assert.deepEqual(resolve({}, "quick", JSON.parse(JSON.stringify(configuration))), configuration);
});

const bad: Record<string, [() => unknown, string]> = {
  "a depth of no network": [
    () => resolve({ depth: 9 }),
    "--depth: 9 is not 6 k + 2 (resnet) or 9 k + 2 (resnext) for a whole k >= 1",
  ],
  "a depth of the other network": [
    () => resolve({ depth: 29 }),
    "--depth: 29 is not 6 k + 2, as architecture resnet is deep",
  ],
  "a mode of two branches for three": [
    () => resolve({ shake: "shake-m1-image", branches: 3 }),
    "--shake: shake-m1-image is of 2 branches, not 3",
  ],
  "an ablation of the other network": [
    () => resolve({ architecture: "resnext", depth: 11, skip: false }),
    "--no-skip and --no-batch-norm are of architecture resnet, not resnext",
  ],
  "a folder data set without its folder": [
    () => resolve({ dataset: "folder" }),
    "--dataset folder needs --images FOLDER",
  ],
  "a folder for another data set": [
    () => resolve({ images: "pictures" }),
    "--images is of --dataset folder, not of shapes",
  ],
  "a warm-up of the whole run": [
    () => resolve({ epochs: 4, warmupEpochs: 4 }),
    "--warmup-epochs: 4 is not below the 4 epochs of the run",
  ],
  "an augmentation that there is not": [
    () => resolve({ augment: "flip,spin" }),
    `--augment: "flip,spin" is not ${fieldInfo("augment").expects}`,
  ],
  "an odd width": [() => resolve({ width: 3 }), "--width: 3 is not an even number from 2 to 1024"],
  "text for a number": [() => resolve({ learningRate: "fast" }), '--learning-rate: "fast" is not a number above 0'],
  "an unknown choice": [
    () => resolve({ engine: "gpu" }),
    '--engine: "gpu" is not one of auto, onnxruntime, tensorflow, cpu',
  ],
  "a run that would leave its folder": [
    () => resolve({ run: "../x" }),
    `--run: "../x" is not a name of letters, digits, '.', '_' and '-'`,
  ],
  "a run to compare that would leave its folder": [
    () => resolve({ compare: "plain,../x" }),
    '--compare: "plain,../x" is not names of runs with commas between',
  ],
  "a seed that is no whole number": [
    () => resolve({ seed: 1.5 }),
    "--seed: 1.5 is not a whole number from 0 to 2^53 - 1",
  ],
  "an unknown preset": [() => resolve({}, "fast"), `--preset: "fast" is not one of ${presetNames.join(", ")}`],
  "an unknown field of a file": [
    () => resolve({}, "quick", { dpeth: 8 }),
    "my.json: dpeth is not a field of the configuration",
  ],
  "a bad field of a file": [
    () => resolve({}, "quick", { batch: "8" }),
    'my.json: batch: "8" is not a whole number from 1 to 65536',
  ],
  "a field of a file that all objects have": [
    () => resolve({}, "quick", JSON.parse('{"__proto__": 1}')),
    "my.json: __proto__ is not a field of the configuration",
  ],
  "a device of another engine": [
    () => resolve({ engine: "tensorflow", device: "cuda" }),
    "--device cuda is of --engine onnxruntime, not of tensorflow",
  ],
  "a file that is a list": [() => resolve({}, "quick", []), "my.json is not a JSON object of fields"],
};

for (const [what, [run, message]] of Object.entries(bad)) {
  Deno.test(`refused by name: ${what}`, () => {
    assert.throws(
      run,
      (error) => error instanceof UsageError && error.exitCode === 2 && (assert.equal(error.message, message), true),
    );
  });
}

Deno.test("every field has a flag of its own, a description and says what it must be", () => {
  const infos = fieldNames.map(fieldInfo);
  assert.equal(new Set(infos.map(({ flag }) => flag)).size, fieldNames.length);
  for (const { flag, expects, description } of infos) {
    assert.ok(/^--[a-z-]+$/.test(flag) && expects && description, flag);
  }
});
