import assert from "#assert";
import { type Field, fieldInfo, type Given } from "../../../pipeline/configuration/fields.ts";
import { type Preset, presetNames, presets } from "../../../pipeline/configuration/presets.ts";
import { resolveConfiguration } from "../../../pipeline/configuration/resolve.ts";

/** The training run that the write-up and the paper share. */
const shakeNet26 = {
  dataset: "cifar-10",
  architecture: "resnet",
  depth: 26,
  width: 32,
  branches: 2,
  shake: "shake-shake-image",
  epochs: 1800,
  batch: 128,
  learningRate: 0.2,
  schedule: "cosine",
  momentum: 0.9,
  weightDecay: 1e-4,
  augment: "standard",
};

Deno.test("every preset has a description, resolves, and names the run", () => {
  for (const name of presetNames) {
    const { description }: Preset = presets[name];
    assert.match(description, /^[A-Z].*\.$/);
    assert.equal(resolveConfiguration(name, undefined, name === "own-images" ? { images: "pictures" } : {}).run, name);
  }
});

for (const [name, sampling] of [["cifar10", "normalized"], ["paper", "uniform"]] as const) {
  Deno.test(`the preset ${name} is 26 2x32d shake-shake-image with ${sampling} draws`, () => {
    const configuration = resolveConfiguration(name, undefined, {});
    for (const [field, value] of Object.entries({ ...shakeNet26, sampling })) {
      assert.equal(configuration[field as keyof typeof configuration], value, field);
    }
  });
}

/** The fields that the recipe of the embedded data set decides, in a configuration. */
const recipeIn = (flags: Given, file?: unknown) => {
  const named = file === undefined ? undefined : { path: "config.json", values: file };
  const { epochs, learningRate, whitening, shakeStrength } = resolveConfiguration("quick", named, flags);
  return { epochs, learningRate, whitening, shakeStrength };
};
const quick = { epochs: 2, learningRate: 0.2, whitening: "frozen", shakeStrength: "0:1,0.5:0" };
const defaults = Object.fromEntries(Object.keys(quick).map((field) => [field, fieldInfo(field as Field).initial]));

Deno.test("quick has a recipe for new weights on the embedded data set; flags override it", () => {
  assert.deepEqual(recipeIn({}), quick);
  assert.deepEqual(recipeIn({ epochs: 5 }), { ...quick, epochs: 5 });
  assert.deepEqual(recipeIn({}, { learningRate: 0.3 }), { ...quick, learningRate: 0.3 });
});

Deno.test("other data sets, and runs that begin with a checkpoint, have the defaults", () => {
  assert.deepEqual(recipeIn({ dataset: "folder", images: "pictures" }), defaults);
  assert.deepEqual(recipeIn({}, { dataset: "cifar-10" }), defaults);
  assert.deepEqual(recipeIn({ init: "best.safetensors" }), defaults);
});

Deno.test("own-images takes a folder, whitens with new weights alone, and yields to flags", () => {
  const resolve = (flags: Given) => resolveConfiguration("own-images", undefined, { images: "pictures", ...flags });
  const { dataset, images, whitening, epochs, schedule } = resolve({});
  assert.deepEqual([dataset, images, whitening, epochs, schedule], ["folder", "pictures", "frozen", 60, "one-cycle"]);
  assert.equal(resolve({ init: "best.safetensors" }).whitening, "none");
  assert.equal(resolve({ init: "best.safetensors" }).schedule, "one-cycle");
  assert.equal(resolve({ epochs: 5 }).epochs, 5);
  assert.equal(resolve({}).best, "loss");
  assert.equal(resolve({ validation: "none" }).best, "accuracy");
  assert.throws(() => resolveConfiguration("own-images", undefined, {}), /needs --images FOLDER/);
});

Deno.test("a configuration recorded before there was a recipe keeps its meaning", () => {
  const { whitening: _, shakeStrength: __, ...recorded } = resolveConfiguration("quick", undefined, { epochs: 6 });
  assert.deepEqual(recipeIn({}, recorded), { ...defaults, learningRate: 0.2 });
});

Deno.test("the preset paper says what the options cannot express", () => {
  const { description } = presets.paper;
  for (const detail of ["shift", "padding", "He-normal", "bias"]) assert.ok(description.includes(detail), detail);
});
