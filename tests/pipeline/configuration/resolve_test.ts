import assert from "#assert";
import { resolved } from "../../../pipeline/cli/flags.ts";
import { fieldInfo, type Given } from "../../../pipeline/configuration/fields.ts";
import { presetNames } from "../../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";
import { UsageError } from "../../../pipeline/configuration/usage_error.ts";

const resolve = (flags: Given = {}, preset = "quick", values?: unknown) =>
  resolveConfiguration(preset, values === undefined ? undefined : { path: "my.json", values }, flags);

Deno.test("flags override the file, the file the preset, the preset the defaults", () => {
  const { depth, width, batch, epochs, seed, run } = resolve({ epochs: 5 }, "cifar10-small", { epochs: 4, width: 8 });
  assert.deepEqual({ depth, width, batch, epochs, seed, run }, {
    depth: 8,
    width: 8,
    batch: 128,
    epochs: 5,
    seed: 1,
    run: "cifar10-small",
  });
});

Deno.test("a resolved configuration resolves to itself", () => {
  const configuration = resolve({ seed: 7, maxSteps: 3, shuffle: false }, "cifar10-small");
  assert.deepEqual(resolve({}, "quick", JSON.parse(JSON.stringify(configuration))), configuration);
});

const bad: Record<string, [() => unknown, string]> = {
  "a depth of no network": [
    () => resolve({ depth: 9 }),
    "--depth: 9 is not 6 k + 2 (resnet) or 9 k + 2 (resnext) for a whole k, from 8 to 1202",
  ],
  "a depth of the other network": [
    () => resolve({ depth: 29 }),
    "--depth: 29 is not 6 k + 2, which --architecture resnet needs",
  ],
  "a mode of two branches for three": [
    () => resolve({ shake: "shake-m1-image", branches: 3 }),
    "--shake: shake-m1-image needs 2 branches, not 3",
  ],
  "an ablation of the other network": [
    () => resolve({ architecture: "resnext", depth: 11, skip: false }),
    "--no-skip and --no-batch-norm need --architecture resnet; the architecture is resnext",
  ],
  "a folder data set without its folder": [
    () => resolve({ dataset: "folder" }),
    "--dataset folder needs --images FOLDER",
  ],
  "a folder for another data set": [
    () => resolve({ dataset: "shapes", images: "pictures" }),
    "--images needs --dataset folder; the data set is shapes",
  ],
  "a folder for the data set of a preset": [
    () => resolveConfiguration("cifar10-tiny", undefined, { images: "pictures" }),
    "--images needs --dataset folder; the data set is cifar-10",
  ],
  "a warm-up of the whole run": [
    () => resolve({ epochs: 4, warmupEpochs: 4 }),
    "--warmup-epochs: 4 is not below the 4 epochs of the run",
  ],
  "validations of some epochs without a validation": [
    () => resolve({ validateEvery: 5, validation: "none" }),
    "--validate-every 5 needs a validation; --validation is none",
  ],
  "a plateau that sees some epochs": [
    () => resolve({ validateEvery: 5, schedule: "plateau" }),
    "--schedule plateau needs a validation after each epoch; --validate-every is 5",
  ],
  "a plateau without a validation": [
    () => resolve({ schedule: "plateau", validation: "none" }),
    "--schedule plateau needs a validation; --validation is none",
  ],
  "a validation of no pictures": [
    () => resolve({ validation: "0" }),
    '--validation: "0" is not a share below 1 or a number of training pictures, test or none',
  ],
  "an augmentation that there is not": [
    () => resolve({ augment: "flip,spin" }),
    `--augment: "flip,spin" is not ${fieldInfo("augment").expects}`,
  ],
  "an odd width": [() => resolve({ width: 3 }), "--width: 3 is not an even number from 2 to 1024"],
  "text for a number": [
    () => resolve({ learningRate: "fast" }),
    '--learning-rate: "fast" is not a number above 0 and at most 1e6',
  ],
  "an unknown choice": [
    () => resolve({ engine: "gpu" }),
    '--engine: "gpu" is not one of auto, onnxruntime, tensorflow, cpu; did you mean auto?',
  ],
  "a run that would leave its folder": [
    () => resolve({ run: "../x" }),
    `--run: "../x" is not ${fieldInfo("run").expects}`,
  ],
  "a run to compare that would leave its folder": [
    () => resolve({ compare: "plain,../x" }),
    '--compare: "plain,../x" is not names of runs, separated by commas',
  ],
  "a seed that is no whole number": [
    () => resolve({ seed: 1.5 }),
    "--seed: 1.5 is not a whole number from 0 to 2^53 - 1",
  ],
  "an unknown preset": [() => resolve({}, "fast"), `--preset: "fast" is not one of ${presetNames.join(", ")}`],
  "an unknown field of a file": [
    () => resolve({}, "quick", { dpeth: 8 }),
    "my.json: dpeth is not a field of the configuration; did you mean depth?",
  ],
  "a bad field of a file": [
    () => resolve({}, "quick", { batch: "8" }),
    'my.json: batch: "8" is not a whole number from 1 to 65536',
  ],
  "a field of a file that all objects have": [
    () => resolve({}, "quick", JSON.parse('{"__proto__": 1}')),
    "my.json: __proto__ is not a field of the configuration",
  ],
  "whitening for weights of a checkpoint": [
    () => resolve({ whitening: "frozen", init: "best.safetensors" }),
    "--whitening frozen needs new weights, and --init begins with those of a checkpoint; leave one of them out",
  ],
  "frozen parts of new weights": [
    () => resolve({ freeze: "stage1" }),
    "--freeze needs the weights of --init; without it all weights are new",
  ],
  "a rate of the body of new weights": [
    () => resolve({ bodyRate: 0.1 }),
    "--body-rate needs the weights of --init; without it all weights are new",
  ],
  "a plan of sizes that is none": [
    () => resolve({ sizes: "15:2" }),
    '--sizes: "15:2" is not none, or a list of SIDE:EPOCHS; a side is a multiple of 4 from 8',
  ],
  "a strength of shaking above 1": [
    () => resolve({ shakeStrength: "0:2" }),
    '--shake-strength: "0:2" is not a list of SHARE:STRENGTH, both from 0 to 1, with shares that rise',
  ],
  "a device of another engine": [
    () => resolve({ engine: "tensorflow", device: "cuda" }),
    "--device cuda needs --engine onnxruntime; the engine is tensorflow",
  ],
  "an archive for a data set that is drawn": [
    () => resolve({ from: "cifar-10-binary.tar.gz" }),
    "--from needs a data set that is downloaded, such as cifar-10; the data set is shapes",
  ],
  "a size for pictures that have their own": [
    () => resolve({ imageSize: 16 }),
    "--image-size needs --dataset folder; the pictures of shapes have their own size and split",
  ],
  "a number that is too large": [
    () => resolve({ learningRate: 1e10 }),
    "--learning-rate: 10000000000 is not a number above 0 and at most 1e6",
  ],
  "a list for a number": [
    () => resolve({}, "quick", { batch: [8] }),
    "my.json: batch: a list is not a whole number from 1 to 65536",
  ],
  "a field of a megabyte with control characters": [
    () => resolve({}, "quick", { ["\x1b".repeat(1e6)]: 1 }),
    `my.json: ${"\\u001b".repeat(80)}… is not a field of the configuration`,
  ],
  "a preset of another spelling": [
    () => resolve({}, "cifar-10"),
    `--preset: "cifar-10" is not one of ${presetNames.join(", ")}; did you mean cifar10?`,
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

Deno.test("--validation takes a number as text or as a number, and writes it in one way", () =>
  assert.deepEqual(["0.10", ".1", 0.1, "5e2", 500, "test"].map((validation) => resolve({ validation }).validation), [
    ...["0.1", "0.1", "0.1", "500", "500", "test"],
  ]));

Deno.test("a folder of images is the data set, unless a flag, a file or the preset names another", async () => {
  const { configuration, given } = await resolved({ given: { images: "pictures" } });
  assert.equal(configuration.dataset, "folder");
  // The recipe of the embedded data set is for that alone.
  assert.equal(configuration.whitening, "none");
  assert.deepEqual([...given].toSorted(), ["dataset", "images"]);
});
